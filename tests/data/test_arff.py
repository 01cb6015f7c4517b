import numpy as np
import pytest

from moo.data import DataError
from moo.data._arff import Attribute, read_arff

TEXT = """% a comment
@relation 'some: -thing'

@ATTRIBUTE width real
@attribute 'odd name' numeric
@attribute kind {a, b,c}
@DATA
1.5, -2e1 ,b
% between
?,0,?
"""


@pytest.fixture
def read(tmp_path):
    def write_and_read(text):
        path = tmp_path / "t.arff"
        path.write_text(text, encoding="utf-8")
        return read_arff(path)

    return write_and_read


def test_attributes_and_rows(read):
    arff = read(TEXT)
    assert arff.attributes == (
        Attribute("width", None),
        Attribute("odd name", None),
        Attribute("kind", ("a", "b", "c")),
    )
    np.testing.assert_array_equal(arff.rows, [[1.5, -20, 1], [np.nan, 0, np.nan]])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1.5,", "1.5.1,", "line 8: attribute 'width': '1.5.1' is no finite number"),
        ("1.5,", "nan,", "line 8: attribute 'width': 'nan' is no finite number"),
        ("1.5,", "1e999,", "line 8: attribute 'width': '1e999' is no finite number"),
        (",b\n", ",d\n", "line 8: attribute 'kind': 'd' is not declared"),
        (",b\n", "\n", "line 8: 2 fields, 3 attributes are declared"),
        ("?,0,?\n", "{0 1}\n", "line 10: 1 fields, 3 attributes are declared"),
        ("width", "'odd name'", "line 5: attribute 'odd name' is declared twice"),
        ("real", "string", "line 4: type 'string' is neither numeric nor a list"),
        ("@ATTRIBUTE width real", "@attribute", "line 4: '@attribute' is not `@attribute name"),
        ("@relation", "@relations", "line 2: .* is not @relation, @attribute or @data"),
        ("@DATA", "% no", "line 8: .* is not @relation"),
        ("1.5, -2e1 ,b\n% between\n?,0,?\n", "", "no row below @data"),
        (TEXT, "@relation x\n", "there is no @data below attributes"),
    ],
)
def test_faults_are_named_with_their_line(read, old, new, message):
    with pytest.raises(DataError, match=r"t\.arff: " + message):
        read(TEXT.replace(old, new, 1))
