"""Tables as people have them: each is read as its author means it, or refused with the place of every fault."""

import bz2
import gzip
import io
import lzma

import numpy as np
import pytest

from porcelain.data import ReadOptions, load
from porcelain.errors import DataError, TableError

CENTRES = {"ash": (20.0, 1000.0), "birch": (24.0, 1500.0), "oak": (28.0, 2000.0)}
RNG = np.random.default_rng(3)
ROWS = [
    (round(x + RNG.uniform(-2, 2), 2), round(y + RNG.uniform(-90, 90), 1), kind)
    for _ in range(20)
    for kind, (x, y) in CENTRES.items()
]
TITLES = ("girth", "weight", "kind")


def table(rows=ROWS, titles=TITLES, delimiter=",", end="\n"):
    lines = [titles, *rows] if titles else rows
    return "".join(delimiter.join(map(str, line)) + end for line in lines)


@pytest.fixture
def read(tmp_path):
    def call(content, name="table.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(path, options=ReadOptions(**options))

    return call


def same(found, names=TITLES[:2], classes=("ash", "birch", "oak"), rows=ROWS):
    assert found.feature_names == names
    assert found.class_names == classes
    np.testing.assert_array_equal(found.features, [row[:2] for row in rows])
    assert [found.class_names[k] for k in found.labels] == [row[2] for row in rows]
    return True


def comma(rows=ROWS):
    return [(str(a).replace(".", ","), str(b).replace(".", ","), kind) for a, b, kind in rows]


GERMAN = [(str(a).replace(".", ","), f"{b:,.1f}".translate(str.maketrans(",.", ".,")), kind) for a, b, kind in ROWS]
ENGLISH = [(a, f'"{b:,.1f}"', kind) for a, b, kind in ROWS]
SWISS = [(a, f"{b:,.1f}".replace(",", "'"), kind) for a, b, kind in ROWS]


@pytest.mark.parametrize(
    "content",
    [
        table(),
        table(end="\r\n"),
        table(end="\n\n"),
        "\ufeff" + table(),
        table(delimiter=";"),
        table(delimiter="\t"),
        table(delimiter="|"),
        table(delimiter=" , "),
        table(delimiter="  "),
        table(delimiter=";", rows=comma()),
        table(delimiter="\t", rows=comma()),
        table(delimiter=";", rows=GERMAN),
        table(rows=ENGLISH),
        table(delimiter=";", rows=SWISS),
        "sep=;\n" + table(delimiter=";"),
        "sep=;\r\n" + table(delimiter=";", rows=comma(), end="\r\n"),
        table(delimiter=";", end=";\n"),
        table(titles=(*TITLES, ""), rows=[(*row, "") for row in ROWS]),
        table(rows=[(*row, "", "") for row in ROWS]),
        "Measured in May\n" + table(),
        "Measured in May,,\n,,\n" + table(),
        "# measured in May, by hand\n# again in June\n" + table(),
        table().replace("\n", "\n# a comment\n", 5),
        "# " + table(),
        table().encode("utf-16"),
        table().encode("utf-16-le"),
        table().encode("utf-16-be"),
        table().encode("utf-8-sig"),
        table().encode("utf-32"),
        gzip.compress(table().encode()),
        bz2.compress(table().encode()),
        lzma.compress(table().encode()),
        gzip.compress(table().encode("utf-16")),
        table(rows=[(f'"{a}"', f'"{b}"', f'"{kind}"') for a, b, kind in ROWS]),
        table(rows=[(f"{a:.2e}", f"+{b}", kind) for a, b, kind in [(float(f"{r[0]:.2e}"), *r[1:]) for r in ROWS]])
        if all(float(f"{row[0]:.2e}") == row[0] for row in ROWS)
        else table(rows=[(f"{a:.6e}", f"+{b}", kind) for a, b, kind in ROWS]),
    ],
)
def test_every_dress_of_one_table_is_read_alike(read, content):
    assert same(read(content))


def test_letters_of_old_windows_files_are_read_and_told(read):
    rows = [(a, b, kind.replace("ash", "frêne")) for a, b, kind in ROWS]
    found = read(table(rows).encode("cp1252"))
    assert same(found, classes=("birch", "frêne", "oak"), rows=rows)
    assert "read as cp1252" in found.notes[-1]
    assert same(
        read(table(rows).encode("mac-roman"), text_encoding="mac-roman"), classes=("birch", "frêne", "oak"), rows=rows
    )


@pytest.mark.parametrize("titles", [("2019", "2020", "kind"), ("0", "1", "2"), ("7", "8", "kind")])
def test_titles_that_are_numbers_are_no_row(read, titles):
    assert same(read(table(titles=titles)), names=titles[:2])


def test_titles_that_may_be_a_row_are_asked_about(read):
    content = table(titles=("1990", "2020", "kind"))
    with pytest.raises(
        DataError, match=r"\(1990, 2020, kind\) can be titles or values; say which with --header or --no"
    ):
        read(content)
    assert same(read(content, header=True), names=("1990", "2020"))
    assert len(read(content, header=False)) == 61


def test_a_table_without_titles_is_read_whole(read):
    assert same(read(table(titles=None)), names=("x0", "x1"))
    assert same(read(table(titles=None), header=False), names=("x0", "x1"))


@pytest.mark.parametrize("title", ["", "Unnamed: 0"])
def test_the_index_of_pandas_is_left_out_and_told(read, title):
    ordered = sorted(ROWS, key=lambda row: row[2])
    found = read(table([(k, *row) for k, row in enumerate(ordered)], (title, *TITLES)))
    assert same(found, rows=ordered)
    assert "counts the rows, as pandas writes its index" in found.notes[0]


@pytest.mark.parametrize(
    ("title", "values", "warned"),
    [
        ("nr", range(100, 160), True),
        ("patient", range(1, 61), True),
        ("id", [7 * k % 61 * 10 for k in range(1, 61)], True),
        ("count", [k % 30 for k in range(60)], False),
        ("height", [k + 0.5 for k in range(60)], False),
    ],
)
def test_a_column_that_numbers_the_rows_is_warned_of(read, title, values, warned):
    found = read(table([(v, *row) for v, row in zip(values, ROWS, strict=True)], (title, *TITLES)))
    assert [f"--drop '{title}'" in note for note in found.notes] == [True] * warned
    assert same(read(table([(v, *row) for v, row in zip(values, ROWS, strict=True)], (title, *TITLES)), drop=(title,)))


@pytest.mark.parametrize("kind", ["none", "NA", "null", "?", "nan"])
def test_classes_that_are_called_like_nothing_are_classes(read, kind):
    rows = [(a, b, kind if name == "ash" else name) for a, b, name in ROWS]
    assert same(read(table(rows)), classes=tuple(sorted([kind, "birch", "oak"])), rows=rows)


def test_lists_in_cells_do_not_mislead(read):
    rows = [(a, b, f"['{name}', 'wild']") for a, b, name in ROWS]
    assert same(read(table(rows, delimiter=";")), classes=tuple(f"['{name}', 'wild']" for name in CENTRES), rows=rows)


def test_quotes_far_down_are_read(read):
    rows = [(k + 0.25, 2 * k, '"elbow"') for k in range(400)] + [(k, k + 0.5, '"1"" pipe, short"') for k in range(100)]
    found = read(table(rows))
    assert found.class_names == ('1" pipe, short', "elbow")
    assert np.bincount(found.labels).tolist() == [100, 400]


def test_numbers_of_one_value_are_one_class_and_codes_stay(read):
    spelled = {"ash": ("1", "1.0"), "birch": ("2.0", "2"), "oak": ("3", "3.00")}
    rows = [(a, b, spelled[kind][k % 2]) for k, (a, b, kind) in enumerate(ROWS)]
    assert read(table(rows)).class_names == ("1", "2", "3")
    codes = [(a, b, {"ash": "007", "birch": "7", "oak": "070"}[kind]) for a, b, kind in ROWS]
    assert set(read(table(codes)).class_names) == {"007", "7", "070"}


def test_true_and_false_are_numbers(read):
    rows = [(a, b, str(k % 3 == 0), ("yes", "No")[k % 2], kind) for k, (a, b, kind) in enumerate(ROWS)]
    found = read(table(rows, (*TITLES[:2], "leafy", "tall", "kind")))
    assert found.features[:4, 2].tolist() == [1, 0, 0, 1]
    assert found.features[:4, 3].tolist() == [1, 0, 1, 0]


def test_rows_with_missing_values_are_left_out_if_asked_and_counted(read):
    rows = [("" if k == 3 else a, "?" if k == 5 else b, "" if k == 9 else kind) for k, (a, b, kind) in enumerate(ROWS)]
    with pytest.raises(TableError, match="--drop-missing") as caught:
        read(table(rows))
    assert [line.split(":")[0] for line in caught.value.faults] == [
        "table.csv, row 5, column 'girth'",
        "table.csv, row 7, column 'weight'",
        "table.csv, row 11, column 'kind'",
    ]
    kept = [row for k, row in enumerate(ROWS) if k not in (3, 5, 9)]
    found = read(table(rows), drop_missing=True)
    assert same(found, rows=kept)
    assert found.notes == ("left out 3 rows with missing values",)
    minus = [(-9 if k == 3 else a, b, kind) for k, (a, b, kind) in enumerate(ROWS)]
    assert len(read(table(minus), na=("-9",), drop_missing=True)) == 59


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("22_0", "'22_0' is not a finite number; write it without underscores"),
        ("1,5", "decimal sign is '.', so write it so, or use --decimal ,"),
        ("tall", "'tall' is not a finite number; .* name it with --na"),
        ("inf", "'inf' is not a finite number"),
        ("1e999", "'1e999' is not a finite number"),
        ("٣", "is not a finite number"),
        ("0x10", "is not a finite number"),
        ("12%", "is not a finite number"),
    ],
)
def test_only_numbers_are_numbers(read, cell, says):
    with pytest.raises(TableError, match=says) as caught:
        read(table([(f'"{cell}"', 1, "oak"), *ROWS]))
    assert caught.value.faults[0].startswith("table.csv, row 2, column 'girth': ")


def test_a_column_of_words_is_one_fault_and_can_be_dropped(read):
    rows = [(f"tree {k}", *row) for k, row in enumerate(ROWS)]
    with pytest.raises(TableError, match=r"nor is any below; .*--drop 'name'") as caught:
        read(table(rows, ("name", *TITLES)))
    assert len(caught.value.faults) == 1
    assert same(read(table(rows, ("name", *TITLES)), drop=("name",)))


def test_at_most_twenty_faults_are_told_and_the_others_counted(read):
    rows = [("x", b, kind) if k < 45 else (a, b, kind) for k, (a, b, kind) in enumerate(ROWS)]
    with pytest.raises(TableError) as caught:
        read(table(rows))
    assert len(caught.value.faults) == 21
    assert caught.value.faults[-1] == "table.csv: 25 more faults like these"


def test_a_thousand_that_may_be_a_decimal_is_asked_about(read):
    rows = [(k, f'"1,{500 + k}"', "ab"[k % 2]) for k in range(9)]
    with pytest.raises(DataError, match="can be a thousand or a decimal; say which with --decimal"):
        read(table(rows))
    assert read(table(rows), decimal=".").features[0, 1] == 1500
    assert read(table(rows), decimal=",").features[0, 1] == 1.5


def test_measurements_as_classes_are_refused_with_the_next_step(read):
    turned = [(kind == "ash", a, b) for a, b, kind in ROWS]
    with pytest.raises(DataError, match=r"'weight' holds \d+ different values in 60 rows, which are measurements"):
        read(table(turned, ("ashen", "girth", "weight")))
    with pytest.raises(DataError, match="name another column with --label, such as 'kind'"):
        read(table([(kind, a, b) for a, b, kind in ROWS], ("kind", "girth", "weight")))
    with pytest.raises(DataError, match="which are names and no classes"):
        read(table([(a, b, f"tree {k}") for k, (a, b, _) in enumerate(ROWS)]))


def test_a_rare_class_is_read_and_folded(read):
    found = read(table([*ROWS, (31.0, 2500, "yew")]))
    assert found.class_names == ("ash", "birch", "oak", "yew")
    assert found.fewer_folds(5) == 2
    held_out = np.concatenate([test for _, test in found.folds(2, 0)])
    assert sorted(held_out) == list(range(61))


def test_standard_input_is_a_table(monkeypatch):
    class Stdin:
        buffer = io.BytesIO(gzip.compress(table(delimiter=";", rows=comma()).encode("utf-16")))

    monkeypatch.setattr("sys.stdin", Stdin())
    found = load("-")
    assert same(found)
    assert found.origin["path"] is None


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08broken", b"BZhbroken", b"\x00\x01\x02\x03", b"\x89PNG\xff\xfe\x00"])
def test_what_is_no_table_is_refused(read, data):
    with pytest.raises(DataError, match=r"cannot unpack|it is not UTF-8"):
        read(data)


def test_a_small_archive_of_a_large_table_is_refused(read, monkeypatch):
    monkeypatch.setattr("porcelain.data.text.MOST_BYTES", 1000)
    with pytest.raises(DataError, match="holds more than"):
        read(gzip.compress(table().encode()))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"delimiter": "ab"}, "delimiter is 'ab'"),
        ({"decimal": ";"}, "decimal is ';'"),
        ({"delimiter": ",", "decimal": ","}, "both ','"),
        ({"text_encoding": "utf-9"}, "unknown encoding 'utf-9'"),
        ({"text_encoding": "base64"}, "unknown encoding 'base64'"),
        ({"drop": ("grith",)}, "did you mean 'girth'"),
        ({"label": "kinds"}, "did you mean 'kind'"),
    ],
)
def test_wrong_options_are_refused(read, options, says):
    with pytest.raises(DataError, match=says):
        read(table(), **options)


def test_two_titles_that_differ_by_their_unit_stay_two(read):
    found = read(table(titles=("size (cm)", "size (kg)", "kind")))
    assert found.feature_names == ("size (cm)", "size (kg)")


def test_rows_of_many_lengths_are_faults(read):
    with pytest.raises(TableError, match="row 3: 2 values for 3 columns") as caught:
        read(table().replace(f"{ROWS[1][0]},", "", 1))
    assert len(caught.value.faults) == 1
