"""Methods for losses that change from round to round."""
