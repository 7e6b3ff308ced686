"""What each list should become, said in the columns of its source and without the mapping: which
records its rows stand for, which rows are faulty, and what some of the records hold."""
import csv
import gzip
import io
import unicodedata
from datetime import datetime

from kith import DATA, SHARED_DATA

SAMPLES = DATA / "import"


class Near:
    """A place on the map, to a hundred-thousandth of a degree."""

    def __init__(self, north, east):
        self.point = (float(north), float(east))

    def __eq__(self, text):
        point = [float(part) for part in (text or "nan,nan").split(",")]
        return all(abs(a - b) <= 0.00001 for a, b in zip(self.point, point))

    def __repr__(self):
        return f"near {self.point}"


class Source:
    """One list. `records(row)` gives a label for each record of a row: rows that give the same
    label mean the same record. `look(row)` gives the kind and key of a row's record, or None for
    one that is known by its whole row; what it holds; and the field and key of the record that it
    lies in or belongs to."""

    def __init__(self, mapping, sample, shared, records, look, rejected=None, left_out=None,
                 columns=None, prepare=None):
        self.mapping, self.sample, self.shared = mapping, sample, shared
        self.records, self.look, self.columns = records, look, columns
        self.rejected = rejected or (lambda rows: [])
        self.left_out = left_out or (lambda rows: [])
        self.prepare = prepare or (lambda rows: rows)

    @staticmethod
    def content(path):
        return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()

    def rows(self, content):
        """(line, row) for each; cells without blanks at their ends."""
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        columns = self.columns or next(reader)
        # Of two columns of one name the first is meant.
        return self.prepare([(reader.line_num, {name: cell.strip() for name, cell in
                                                reversed(list(zip(columns, cells)))})
                             for cells in reader if cells])


def first_said(rows, label, value):
    """Lines that say something else of a label than the first that named it."""
    said = {}
    return [line for line, row in rows if label(row) is not None
            and said.setdefault(label(row), value(row)) != value(row)]


def lgd_state(row, code="State Code"):
    return ("lgd state", row[code])


def lgd_district(row, code="District Code"):
    return ("lgd district", row[code])


# IOM's Missing Migrants

IOM_NUMBERS = ("Number Dead", "Minimum Estimated Number of Missing", "Number of Survivors",
               "Number of Females", "Number of Males", "Number of Children")
IOM_CONFIDENCE = {"5": "sure", "4": "likely", "3": "likely", "2": "maybe", "1": "doubtful"}


def iom_records(row):
    return [("region", row["Region of Incident"]), ("incident", row["Web ID"])] + [
        ("figure", row["Web ID"], name) for name in IOM_NUMBERS if row[name]]


def iom_look(row):
    alone = row["Total Dead and Missing"] == "1"
    women, men = row["Number of Females"] == "1", row["Number of Males"] == "1"
    fields = {
        "seen_on": datetime.strptime(row["Reported Date"], "%d-%b-%y").date().isoformat(),
        "sex": "female" if alone and women and not men else
               "male" if alone and men and not women else "unknown",
        "age_high": 17 if alone and row["Number of Children"] == "1" else None,
        "place_text": row["Location Description"] or None,
        "confidence": IOM_CONFIDENCE[row["Source Quality"]],
        "status": "missing" if row["Number Dead"] in ("", "0") else "deceased"}
    if row["Location Coordinates"]:
        fields["lat_lon"] = Near(*row["Location Coordinates"].split(","))
    return ("sighting", f"iom-missing-migrants:incident/{row['Web ID']}", fields, "place",
            f"iom-missing-migrants:region/{row['Region of Incident']}")


IOM = Source("iom-missing-migrants", "missing-migrants-2019-03-29.csv.gz",
             "missing-migrants/missing-migrants-2019-03-29.csv", iom_records, iom_look)

# The Local Government Directory

STATES = Source(
    "lgd-states", "lgd-states.csv", "gazetteer/lgd-states.csv",
    lambda row: ["India", lgd_state(row)],
    lambda row: ("place", f"lgd:state/{row['State Code']}",
                 {"name": row["State Name"], "type": "state", "lgd_code": row["State Code"]},
                 "parent", "lgd:country/IN"))

DISTRICTS = Source(
    "lgd-districts", "lgd-districts-sample.csv", "gazetteer/lgd-districts.csv",
    lambda row: [lgd_state(row), lgd_district(row)],
    lambda row: ("place", f"lgd:district/{row['District Code']}",
                 {"name": row["District Name"], "type": "district",
                  "census_code": row["Census 2011 Code"] if row["Census 2011 Code"] != "0"
                                 else None},
                 "parent", f"lgd:state/{row['State Code']}"))

SUBDISTRICTS = Source(
    "lgd-subdistricts", "lgd-subdistricts-sample.csv", "gazetteer/lgd-subdistricts-ne.csv",
    lambda row: [lgd_state(row), lgd_district(row), ("lgd subdistrict", row["Sub-district Code"])],
    lambda row: ("place", f"lgd:subdistrict/{row['Sub-district Code']}",
                 {"name": row["Sub-district Name"], "type": "subdistrict",
                  "lgd_code": row["Sub-district Code"]},
                 "parent", f"lgd:district/{row['District Code']}"))

BLOCKS = Source(
    "lgd-blocks", "lgd-blocks-sample.csv", "gazetteer/lgd-blocks-ne.csv",
    lambda row: [lgd_state(row), lgd_district(row),
                 ("block", row["Block Code"], row["District Code"])],
    lambda row: ("place", f"lgd:block/{row['District Code']}/{row['Block Code']}",
                 {"name": row["Block Name"], "type": "block", "lgd_code": row["Block Code"]},
                 "parent", f"lgd:district/{row['District Code']}"))


def directory_records(row):
    return [lgd_district(row), ("town", row["Localbody Code"])] + [
        (kind, row[code]) for kind, code in (("lgd subdistrict", "Subdistrict Code"),
                                             ("village", "Village Code")) if row[code]]


def directory_left_out(rows):
    """A place lies in one other: a town that reaches into two districts stays in the first."""
    lines = []
    for code, parent in (("Subdistrict Code", "District Code"), ("Localbody Code", "District Code"),
                         ("Village Code", "Subdistrict Code")):
        lines += first_said(rows, lambda row: row[code] or None, lambda row: row[parent])
    return [(line, "parent") for line in lines]


DIRECTORY = Source(
    "lgd-municipal-directory", "lgd-municipal-directory-sample.csv",
    "gazetteer/lgd-municipal-directory-ne.csv", directory_records,
    lambda row: ("place", f"lgd:town/{row['Localbody Code']}",
                 {"name": row["Localbody Name"], "lgd_code": row["Localbody Code"]}, None, None),
    left_out=directory_left_out)

TOWNS = Source(
    "lgd-urban-bodies", "lgd-urban-bodies-sample.csv", "gazetteer/lgd-urban-local-bodies-ne.csv",
    lambda row: [lgd_state(row), ("town", row["Local Body Code"])],
    lambda row: ("place", f"lgd:town/{row['Local Body Code']}",
                 {"lgd_code": row["Local Body Code"],
                  "name_local": row["Local Body Name (In Local)"] or None}, None, None))

# Bodies above that the directory gives for villages of Manipur and Assam: villages themselves, or
# of other states.
WRONG_BODIES = {"255148", "255164", "255166", "255167", "255168", "255169", "255170", "270482"}
VILLAGE_BODIES = {"11", "12", "15", "16", "17", "22"}


def body_above(row):
    code = row["Intermediate/Block Panchayat Code"]
    return None if code == "0" or code in WRONG_BODIES else code


def bodies_left_out(rows):
    """The body above is not in the list."""
    known = {row["Local Body Code"] for _, row in rows} | {None}
    lines = {}
    for line, row in rows:
        if body_above(row) not in known:
            lines.setdefault(row["Local Body Code"], line)
    return [(line, "parent") for line in lines.values()]


def bodies_look(row):
    above = body_above(row)
    return ("agency", f"lgd:body/{row['Local Body Code']}",
            {"name": row["Local Body Name (IN English)"],
             "name_local": row["Local Body Name (In Local)"] or None,
             "type": "village_council" if row["Local Body Type Code"] in VILLAGE_BODIES
                     else "other"},
            "parent", f"lgd:body/{above}" if above else None)


BODIES = Source(
    "lgd-traditional-bodies", "lgd-traditional-bodies-sample.csv",
    "gazetteer/lgd-traditional-local-bodies-ne.csv",
    lambda row: [lgd_state(row), ("body", row["Local Body Code"])], bodies_look,
    left_out=bodies_left_out)


def headquarters_prepare(rows):
    """Most rows have the census code of their district alone; its own row has both."""
    codes = {row["census2011_district"]: row["lgd_district"] for _, row in rows
             if row["level"] == "district_hq"}
    return [(line, row | {"district_code": codes[row["census2011_district"]]})
            for line, row in rows]


def headquarters_records(row):
    """The census numbers states as the directory does."""
    records = [lgd_state(row, "census2011_state"), lgd_district(row, "district_code")]
    if row["lgd_subdistrict"]:
        return records + [("lgd subdistrict", row["lgd_subdistrict"])]
    if row["census2011_subdistrict"]:
        return records + [("hq subdistrict", row["census2011_subdistrict"])]
    return records


def headquarters_look(row):
    if row["level"] == "district_hq":
        return ("place", f"lgd:district/{row['lgd_district']}",
                {"type": "district", "lat_lon": Near(row["lat"], row["lon"])}, None, None)
    return ("place", f"hq-points:subdistrict/{row['census2011_subdistrict']}",
            {"type": "subdistrict", "census_code": row["census2011_subdistrict"]}, "parent",
            f"census-2011:district/{row['census2011_district']}")


HEADQUARTERS = Source(
    "hq-points", "hq-points-sample.csv", "gazetteer/hq-points-ne.csv", headquarters_records,
    headquarters_look, prepare=headquarters_prepare,
    # Sibe has two positions.
    left_out=lambda rows: [(line, "lat_lon") for line in first_said(
        rows, lambda row: row["census2011_subdistrict"] or None,
        lambda row: (row["lat"], row["lon"]))])

# Other lists of places

VILLAGES = Source(
    "villages", "villages-invented.csv", "gazetteer/villages-ne.csv.gz",
    lambda row: [("state", row["state"]), ("district", row["state"], row["district"]), object()] +
                [("subdistrict", row["state"], row["district"], row["subdistrict"])] *
                (row["subdistrict"] != ""),
    lambda row: ("place", None, {"name": row["village"], "type": "village"}, "parent",
                 "villages:" + "/".join(
                     ["subdistrict", row["state"], row["district"], row["subdistrict"]]
                     if row["subdistrict"] else ["district", row["state"], row["district"]])),
    # Two rows of the gazetteer have no village.
    rejected=lambda rows: [line for line, row in rows if not row["village"]])


def geonames_district(row):
    return (row["country"], row["admin1_code"], row["admin2_code"])


def geonames_places(sample, shared):
    return Source(
        "geonames-places", sample, shared,
        lambda row: [("country", row["country"]), ("state", row["country"], row["admin1_code"]),
                     ("town", *geonames_district(row), row["name"], row["lat"], row["lon"])] +
                    [("district", *geonames_district(row))] * (row["admin2"] != ""),
        lambda row: ("place", "geonames:town/" + "/".join(
                         [*geonames_district(row), row["name"], row["lat"], row["lon"]]),
                     {"name": unicodedata.normalize("NFC", row["name"]), "type": "town",
                      "lat_lon": Near(row["lat"], row["lon"])}, "parent",
                     "geonames:" + ("district/" + "/".join(geonames_district(row))
                                    if row["admin2"] else
                                    f"state/{row['country']}/{row['admin1_code']}")))


def postal_district(row):
    return (row["country"], row["state_code"], row["district_code"] or row["district"])


def postal_subdistrict(row):
    return "" if row["subdistrict"] in ("NA", "Nil") else row["subdistrict"]


def post_office(row):
    return (row["postal_code"], row["place"], postal_subdistrict(row), row["lat"], row["lon"])


POSTAL = Source(
    "geonames-postal", "geonames-postal-sample.csv", "gazetteer/geonames-postal-ne.csv",
    lambda row: [("country", row["country"]), ("state", row["country"], row["state_code"]),
                 ("district", *postal_district(row)), ("post office", *post_office(row))] +
                [("subdistrict", *postal_district(row), postal_subdistrict(row))] *
                (postal_subdistrict(row) != ""),
    lambda row: ("place", "geonames:post_office/" + "/".join(post_office(row)),
                 {"name": row["place"], "pin_code": row["postal_code"], "type": "post_office",
                  "lat_lon": Near(row["lat"], row["lon"])}, "parent", "geonames:" + "/".join(
                     ["subdistrict", *postal_district(row), postal_subdistrict(row)]
                     if postal_subdistrict(row) else ["district", *postal_district(row)])),
    # Purba Bardhaman was called Burdwan.
    left_out=lambda rows: [(line, "name") for line in
                           first_said(rows, postal_district, lambda row: row["district"])])


def bangladesh(name, sample, shared, columns, above, place_type):
    return Source(
        name, sample, shared,
        lambda row: [("Bangladesh",)] * (above == "country") + [(name, row["id"])],
        lambda row: ("place", f"bangladesh-geocode:{name[3:-1]}/{row['id']}",
                     {"name": row["name"], "type": place_type,
                      "name_local": unicodedata.normalize("NFC", row["name_local"])},
                     "parent", "bangladesh-geocode:" + (
                         "country/BD" if above == "country" else f"{above}/{row[above]}")),
        columns=columns)


BANGLADESH = [
    bangladesh("bd-divisions", "bd-divisions.csv", "gazetteer/bd-divisions.csv",
               ["id", "name", "name_local", "site"], "country", "state"),
    bangladesh("bd-districts", "bd-districts.csv", "gazetteer/bd-districts.csv",
               ["id", "division", "name", "name_local", "lat", "lon", "site"], "division",
               "district"),
    bangladesh("bd-upazilas", "bd-upazilas-sample.csv", "gazetteer/bd-upazilas.csv",
               ["id", "district", "name", "name_local", "site"], "district", "subdistrict"),
    bangladesh("bd-unions", "bd-unions-sample.csv", "gazetteer/bd-unions.csv",
               ["id", "upazila", "name", "name_local", "site"], "upazila", "block")]

# Missing persons and published figures


def namus_records(row):
    state, county, city = row["State"], row["County"], row["City"]
    return (["United States", ("state", state)] + [("county", state, county)] * (county != "") +
            [("city", state, county, city)] * (city != "") +
            [(kind, row["Case Number"]) for kind in ("person", "case", "part")])


def namus_look(row):
    age = int(row["Missing Age"] or -1)
    last_seen = "/".join(["city", row["State"], row["County"], row["City"]] if row["City"] else
                         ["county", row["State"], row["County"]] if row["County"] else
                         ["state", row["State"]])
    return ("case", f"namus:case/{row['Case Number']}",
            {"type": "missing_age_unknown" if age < 0 else
                     "missing_child" if age < 18 else "missing_adult",
             "priority": "high" if 0 <= age < 18 else "medium",
             "last_seen_on": row["DLC"]}, "last_seen_place", f"namus:{last_seen}")


NAMUS = Source(
    "namus", "namus-invented.csv", "missing-persons/namus-2024-01-no-names.csv.gz", namus_records,
    namus_look,
    # Two cities were decoded wrongly, and a control character came of it.
    rejected=lambda rows: [line for line, row in rows
                           if any(unicodedata.category(c) == "Cc" for c in row["City"])])

MISSING_NUMBERS = [f"{sex}_{ages}" for sex in ("male", "female", "transgender") for ages in (
    "below_12_years", "12_years_to_16_years", "16_years_to_18_years", "children",
    "18_years_and_above")]


def missing_place(row):
    return (row["state_code"], row["district_name"], row["registration_circles"])


MISSING = Source(
    "ncrb-missing-persons", "ncrb-missing-persons-sample.csv",
    "missing-persons/india-districtwise-missing-persons-2021-2022.csv",
    lambda row: [lgd_state(row, "state_code"), ("police", *missing_place(row))] +
                [lgd_district(row, "district_code")] * (row["district_code"] != "9999") +
                [("missing", *missing_place(row), row["year"], name) for name in MISSING_NUMBERS
                 if row[name] != "NaN"],
    lambda row: ("figure", "ncrb:missing/" + "/".join(
                     [*missing_place(row), row["year"], "female_children"]),
                 {"measure": "Missing persons: female_children", "period": row["year"],
                  "count": int(row["female_children"])}, "place",
                 "ncrb:police_district/" + "/".join(missing_place(row))))


def crimes(name, sample, shared, first_measure):
    """Figures by district and year, from the first measure's column on; totals are the state's."""
    def district(row):
        return "" if row["DISTRICT"].endswith("TOTAL") else row["DISTRICT"].lower()

    def measures(row):
        names = list(row)[::-1]
        return names[names.index(first_measure):]

    def place(row):
        return (row["STATE/UT"].lower(), district(row))

    def look(row):
        key = f"ncrb:{name}/{'/'.join([*place(row), row['Year']])}/{first_measure.lower()}"
        kind = "district" if district(row) else "state"
        return ("figure", key, {"measure": f"Crimes against {name}: {first_measure}",
                                "period": row["Year"], "count": int(row[first_measure])},
                "place", f"ncrb:{kind}/" + "/".join(place(row)).rstrip("/"))

    return Source(
        f"ncrb-crimes-{name}", sample, shared,
        lambda row: [("state", place(row)[0])] + [("district", *place(row))] * bool(district(row)) +
                    [(name, *place(row), row["Year"], measure) for measure in measures(row)],
        look,
        # The railways of Jammu and Kashmir stand twice in 2010, with other numbers.
        left_out=lambda rows: [(line, "count") for measure in measures(rows[0][1]) for line in
                               first_said(rows, lambda row: (*place(row), row["Year"]),
                                          lambda row: row[measure])])


WOMEN = [crimes("women", "ncrb-crimes-women-2001-2012-sample.csv",
                "missing-persons/ncrb-42_District_wise_crimes_committed_against_women_2001_2012"
                ".csv.gz", "Rape"),
         crimes("women", "ncrb-crimes-women-2013-sample.csv",
                "missing-persons/ncrb-42_District_wise_crimes_committed_against_women_2013.csv",
                "Rape")]
CHILDREN = crimes("children", "ncrb-crimes-children-sample.csv", "missing-persons/ncrb-03_District_"
                  "wise_crimes_committed_against_children_2013.csv", "Infanticid")

BODY_COUNT = "Unidentified_Dead_bodies_Recovered_Inquest_Conducted"
UNIDENTIFIED = Source(
    "ncrb-unidentified-bodies", "ncrb-unidentified-bodies-sample.csv", "missing-persons/ncrb-38_"
    "Unidentified_dead_bodies_recovered_and_inquest_conducted.csv",
    lambda row: [("state", row["Area_Name"].lower()), ("bodies", row["Area_Name"], row["Year"])],
    lambda row: ("figure", f"ncrb:bodies/{row['Area_Name'].lower()}/{row['Year']}",
                 {"period": row["Year"], "count": int(row[BODY_COUNT])}, "place",
                 f"ncrb:state/{row['Area_Name'].lower()}"))

KIDNAPPING = Source(
    "ncrb-kidnapping", "ncrb-kidnapping-sample.csv", "missing-persons/ncrb-39_Specific_purpose_of_"
    "kidnapping_and_abduction.csv",
    lambda row: [("state", row["Area_Name"].lower())] + [
        ("kidnapping", row["Area_Name"], row["Year"], row["Group_Name"], name) for name in row
        if name.startswith("K_A_") and row[name] != "NULL"],
    lambda row: ("figure", "ncrb:kidnapping/" + "/".join(
                     [row["Area_Name"], row["Year"], row["Group_Name"],
                      "K_A_Cases_Reported"]).lower(),
                 {"measure": f"{row['Group_Name']}: K_A_Cases_Reported", "period": row["Year"],
                  "count": int(row["K_A_Cases_Reported"])}, "place",
                 f"ncrb:state/{row['Area_Name'].lower()}"))

# Lists that meet in the same records are imported into one replica, in this order.
GROUPS = {
    "incidents": [IOM],
    "directory": [STATES, DISTRICTS, SUBDISTRICTS, BLOCKS, DIRECTORY, TOWNS, BODIES, HEADQUARTERS,
                  MISSING],
    "villages": [VILLAGES],
    "geonames": [geonames_places("geonames-places-ne-india.csv",
                                 "gazetteer/geonames-places-ne-india.csv"), POSTAL],
    "neighbours": [geonames_places(None, "gazetteer/geonames-places-neighbours.csv")],
    "bangladesh": BANGLADESH,
    "persons": [NAMUS],
    "figures": [*WOMEN, CHILDREN, UNIDENTIFIED, KIDNAPPING],
}
