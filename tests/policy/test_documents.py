"""A policy file says what it means, is refused with the mend named, and an empty one is the default."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from matcher.errors import PolicyError
from matcher.policy.documents import RULE_FAMILIES, Policy, load_policy, policy_names, policy_with
from matcher.policy.rules import Clause
from matcher.tables import MODES
from matcher.words.catalogues import LANGUAGES, t


@pytest.fixture
def user_policy(tmp_path: Path):
    """Load a policy from TOML text."""

    def load(content: str | bytes) -> Policy:
        path = tmp_path / "mine.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_policy(path)

    return load


@pytest.fixture
def refused(user_policy):
    """The error for a policy of TOML text, whose message exists in both languages."""

    def load(content: str | bytes) -> PolicyError:
        with pytest.raises(PolicyError) as caught:
            user_policy(content)
        error = caught.value
        for lang in LANGUAGES:
            assert "mine.toml" in t(f"error.{error.code}", lang, **error.values)
        return error

    return load


def rules_of(policy: Policy):
    return [rule for family in RULE_FAMILIES for rule in getattr(policy, family)]


# ---- Shipped policies


DOCUMENTS = ("panzhihua-2016", "chenzhou-2018", "sichuan-2020", "xuanhan-2022")


def test_four_documents_and_what_others_tell_are_shipped_and_the_default_comes_first():
    assert set(policy_names()) == {*DOCUMENTS, "national-2025"}
    assert policy_names()[0] == "panzhihua-2016"


@pytest.mark.parametrize("name", policy_names())
def test_a_shipped_policy_carries_the_name_of_its_file(name):
    assert load_policy(name).id == name


@pytest.mark.parametrize("name", policy_names())
def test_every_shipped_rule_cites_its_source(name):
    for rule in rules_of(load_policy(name)):
        assert rule.source.strip(), rule.id


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_rule_that_stands_in_a_document_cites_that_document(name):
    policy = load_policy(name)
    cited = [rule for rule in rules_of(policy) if rule.standing == "document"]
    assert cited
    for rule in cited:
        assert rule.source.startswith(policy.document), rule.id


@pytest.mark.parametrize("name", policy_names())
def test_a_rule_that_no_document_states_says_so(name):
    for rule in rules_of(load_policy(name)):
        assert rule.standing == "document" or "项目默认" in rule.source, rule.id


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_reading_is_told_in_every_language_and_only_of_what_a_document_says(name):
    read = [rule for rule in rules_of(load_policy(name)) if rule.reading]
    assert read
    for rule in read:
        assert (rule.standing, set(rule.reading)) == ("document", set(LANGUAGES)), rule.id


def test_what_no_one_read_stands_in_no_document_and_what_is_only_remembered_has_no_figure():
    policy = load_policy("national-2025")
    for rule in (*rules_of(policy), *policy.targets):
        assert rule.standing in ("secondary", "default"), rule.id
    told = [target for target in policy.targets if target.standing == "secondary"]
    assert len(told) == 6
    assert all("原文未核" in target.source for target in told)
    remembered = {target.id for target in policy.targets if target.threshold == "attested"}
    assert {"age_friendly_2025", "nursing_beds_2025", "hospice_beds_2025"} <= remembered
    assert policy.care_hours == ()


def test_a_grade_at_one_place_has_hours_once(user_policy, refused):
    rule = '[[care_hours]]\nid = "{}"\ngrades = {}\nwhere = "{}"\nhours_month = 30\n'
    both = rule.format("a", "[3, 4]", "home") + rule.format("b", "[4, 5]", "institution")
    assert [one.grades for one in user_policy(both).care_hours] == [(3, 4), (4, 5)]
    twice = refused(rule.format("a", "[3, 4]", "home") + rule.format("b", "[4, 5]", "home"))
    assert (twice.values["where"], twice.values["found"]) == ("care_hours[2].grades", "4")


def test_what_rests_on_an_interpretation_says_how_it_was_read():
    readings = {rule.id for rule in rules_of(load_policy()) if rule.reading}
    assert {"high_end_rehab", "high_end_hospital", "operating_hospital", "hospital_by_agreement"} <= readings


@pytest.mark.parametrize("name", DOCUMENTS)
def test_only_day_care_centres_are_day_care_by_a_document(name):
    standing = {rule.id: rule.standing for rule in load_policy(name).mode_rules}
    assert (standing["uses_day_care"], standing["uses_community_site"]) == ("document", "default")


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("panzhihua-2016", set()),
        ("chenzhou-2018", set()),
        ("sichuan-2020", {("township_health_centre", "care_home")}),
        (
            "xuanhan-2022",
            {
                ("township_health_centre", "welfare_home"),
                ("community_health_centre", "welfare_home"),
                ("village_clinic", "happiness_home"),
            },
        ),
    ],
)
def test_what_a_document_wants_side_by_side_is_what_it_names(name, beside):
    named = [rule for rule in load_policy(name).beside if rule.standing == "document"]
    assert {(kind, site) for rule in named for kind in rule.kinds for site in rule.site_kinds} == beside


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", policy_names())
def test_every_shipped_rule_has_a_word(name, lang):
    for rule in rules_of(load_policy(name)):
        assert t(f"code.rule.{rule.id}", lang)


@pytest.mark.parametrize("name", [name for name in policy_names() if name != "panzhihua-2016"])
def test_the_documents_sort_people_alike_and_differ_in_citations(name):
    default, other = load_policy(), load_policy(name)
    assert [(r.id, r.mode, r.when) for r in other.mode_rules] == [
        (r.id, r.mode, r.when) for r in default.mode_rules
    ]
    difficult = [rule for rule in other.tier_rules if rule.id == "in_difficulty"]
    assert [rule for rule in other.tier_rules if rule not in difficult] == list(default.tier_rules)
    assert len(difficult) == (name == "chenzhou-2018")


@pytest.mark.parametrize("name", [name for name in policy_names() if name != "panzhihua-2016"])
def test_migratory_and_high_end_are_defaults_where_the_document_has_no_such_mode(name):
    policy = load_policy(name)
    silent = {"migratory", "high_end"}
    for rule in policy.mode_rules:
        assert rule.mode not in silent or rule.standing == "default"
    for rule in policy.admissions + policy.requirements:
        assert not silent & set(rule.modes) or rule.standing == "default"


def test_shares_are_targets_only_where_the_document_sets_them():
    assert load_policy().target_shares == {"institutional": 0.03, "community": 0.07, "home": 0.9}
    assert all(load_policy(name).target_shares == {} for name in policy_names()[1:])


def test_numbers_are_those_of_the_project_default():
    policy = load_policy()
    assert (policy.cost, policy.detour_factor, policy.speed_kmh, policy.switching_m) == (
        "distance",
        1.4,
        30,
        0,
    )
    assert policy.limit_km == {
        "institutional": 50,
        "community": 10,
        "home": 10,
        "migratory": 15,
        "high_end": 100,
    }
    assert policy.tier_count == 3


def test_limits_in_minutes_are_the_kilometres_at_the_default_speed():
    policy = load_policy()
    for mode in MODES:
        assert math.isclose(policy.limit_minutes[mode], policy.limit_km[mode] / policy.speed_kmh * 60)


# ---- A file of one's own


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"# nothing\r\n", b'base = "panzhihua-2016"'])
def test_a_file_that_changes_nothing_equals_the_default_policy(user_policy, content):
    mine = user_policy(content)
    assert mine == load_policy()
    assert mine.digest == load_policy().digest


def test_a_table_merges_with_its_base_and_one_value_changes(user_policy):
    mine, default = user_policy("[limit_km]\nhome = 5"), load_policy()
    assert mine == replace(default, limit_km={**default.limit_km, "home": 5.0})


def test_an_array_replaces_that_of_its_base_whole(user_policy):
    mine = user_policy('[[requirements]]\nid = "only"\nmodes = ["home"]\nservices = ["tcm"]')
    assert [rule.id for rule in mine.requirements] == ["only"]
    assert user_policy("requirements = []").requirements == ()


def test_target_shares_replace_those_of_the_base_whole(user_policy):
    assert user_policy("[target_shares]\nhome = 1.0").target_shares == {"home": 1.0}


def test_a_file_may_override_another_shipped_policy(user_policy):
    mine = user_policy('base = "xuanhan-2022"\nswitching_m = 500')
    assert mine == replace(load_policy("xuanhan-2022"), switching_m=500)


def test_clauses_are_read_into_conditions_whatever_the_order_of_codes(user_policy):
    rule = '[[tier_rules]]\nid = "all"\ntier = 1\n'
    first = (
        '[[tier_rules]]\nid = "a"\ntier = 1\nwhen = [{ min_age = 90, groups = [%s], lives_alone = false }]\n'
    )
    one = user_policy(first % '"disabled", "immobile"' + rule)
    other = user_policy(first % '"immobile", "disabled"' + rule)
    assert one.tier_rules[0].when == (Clause(min_age=90, groups=("disabled", "immobile"), lives_alone=False),)
    assert one.digest == other.digest


def test_the_digest_is_of_the_meaning_and_not_of_the_bytes(user_policy):
    one = user_policy("switching_m = 7\ndetour_factor = 2\n[limit_km]\nhome = 5\ncommunity = 4")
    other = user_policy(
        "# the same\ndetour_factor = 2.0\nswitching_m = 7\nlimit_km = {community = 4.0, home = 5.0}"
    )
    assert one.digest == other.digest
    assert one.digest != user_policy("switching_m = 8\ndetour_factor = 2\n[limit_km]\nhome = 5").digest


def test_the_digest_of_each_shipped_policy_is_its_own():
    assert len({load_policy(name).digest for name in policy_names()}) == len(policy_names())


def test_a_reading_may_be_one_text_for_both_languages(user_policy):
    rule = '[[requirements]]\nid = "a"\nmodes = ["home"]\nservices = ["tcm"]\nreading = %s'
    assert user_policy(rule % '"所见"').requirements[0].reading == {"zh": "所见", "en": "所见"}
    both = user_policy(rule % '{ zh = "所见", en = "seen" }').requirements[0].reading
    assert both == {"zh": "所见", "en": "seen"}


def test_an_admission_takes_clauses_on_people(user_policy):
    mine = user_policy(
        '[[admissions]]\nid = "a"\nmodes = ["home"]\n'
        'when = [{ ability = ["severe"], min_age = 80 }, { groups = ["disabled"] }]'
    )
    clauses = (Clause(ability=("severe",), min_age=80), Clause(groups=("disabled",)))
    assert mine.admissions[0].when == clauses


# ---- Refusals


@pytest.mark.parametrize(
    ("content", "key", "nearest"),
    [
        ("detour_facter = 1.4", "detour_facter", "detour_factor"),
        ("Limit_KM = 3", "Limit_KM", "limit_km"),
        ('bse = "xuanhan-2022"', "bse", "base"),
        ("[limit_km]\nhomes = 3", "limit_km.homes", "home"),
        ("[limit_minutes]\nhigh-end = 3", "limit_minutes.high-end", "high_end"),
        ("[target_shares]\ncommunities = 1", "target_shares.communities", "community"),
        ('[ability]\n"GB/T 42195" = []', "ability.GB/T 42195", "GB/T 42195-2022"),
        ('[setting_of_site]\nhostel = "hotel"', "setting_of_site.hostel", "hotel"),
        ('[[mode_rules]]\nid = "a"\nmodus = "home"', "mode_rules[1].modus", "mode"),
        ('[[tier_rules]]\nid = "a"\ntiers = 1', "tier_rules[1].tiers", "tier"),
        (
            '[[tier_rules]]\nid = "a"\ntier = 1\nwhen = [{ min_age = 3 }, { mim_age = 80 }]',
            "tier_rules[1].when[2].mim_age",
            "min_age",
        ),
        ('[[admissions]]\nid = "a"\nmodes = ["home"]\nkind = []', "admissions[1].kind", "kinds"),
        ('[[requirements]]\nid = "a"\nmodes = ["home"]\nservice = []', "requirements[1].service", "services"),
    ],
)
def test_an_unknown_key_is_refused_naming_the_nearest_valid_one(refused, content, key, nearest):
    error = refused(content)
    assert error.code == "policy_unknown_key"
    assert (error.values["where"], error.values["nearest"]) == (key, nearest)
    assert nearest in str(error.values["allowed"])


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("detour_factor = 0.9", "detour_factor"),
        ('detour_factor = "1.4"', "detour_factor"),
        ("speed_kmh = 0", "speed_kmh"),
        ("switching_m = -1", "switching_m"),
        ("switching_m = 1.5", "switching_m"),
        ("switching_m = true", "switching_m"),
        ("limit_km = 10", "limit_km"),
        ("[limit_km]\nhome = 0", "limit_km.home"),
        ("[limit_km]\nhome = inf", "limit_km.home"),
        ("[limit_km]\nhome = nan", "limit_km.home"),
        pytest.param("[limit_km]\nhome = 1" + "0" * 400, "limit_km.home", id="googol to the fourth"),
        ("[limit_km]\nhome = true", "limit_km.home"),
        ("[limit_minutes]\nhome = -3", "limit_minutes.home"),
        ("bands_km = []", "bands_km"),
        ("bands_km = [1, 5, 5]", "bands_km"),
        ("[target_shares]\nhome = 0.9", "target_shares"),
        ("[target_shares]\nhome = 1.5", "target_shares.home"),
        ('[ability]\n"MZ/T 039-2013" = ["able", "mild"]', "ability.MZ/T 039-2013"),
        ('title = ""', "title"),
        ("base = 3", "base"),
        ("mode_rules = []", "mode_rules"),
        ('mode_rules = { id = "a" }', "mode_rules"),
        ('[[tier_rules]]\nid = "a"\ntier = 0', "tier_rules[1].tier"),
        ('[[tier_rules]]\nid = "a"\ntier = 2', "tier_rules"),
        ('[[tier_rules]]\nid = "a"\ntier = 1\nwhen = [{}]', "tier_rules[1].when[1]"),
        ('[[tier_rules]]\nid = "a"\ntier = 1\nwhen = { min_age = 80 }', "tier_rules[1].when"),
        (
            '[[tier_rules]]\nid = "a"\ntier = 1\nwhen = [{ min_age = 9, max_age = 8 }]',
            "tier_rules[1].when[1]",
        ),
        ('[[tier_rules]]\nid = "a"\ntier = 1\nwhen = [{ groups = [] }]', "tier_rules[1].when[1].groups"),
        ('[[tier_rules]]\nid = "a"\ntier = 1\nwhen = [{ urban = 1 }]', "tier_rules[1].when[1].urban"),
        ('[[admissions]]\nid = "a"\nmodes = []', "admissions[1].modes"),
        ('[[admissions]]\nid = "a"\nmodes = ["home"]\nwhen = [{}]', "admissions[1].when[1]"),
        ('[[admissions]]\nid = "a"\nmodes = ["home"]\nreading = ""', "admissions[1].reading"),
        pytest.param(
            "".join(f'[[admissions]]\nid = "a{i}"\nmodes = ["home"]\n' for i in range(63)),
            "admissions",
            id="63 admissions",
        ),
        ('[[admissions]]\nid = "a"\nmodes = ["home"]\nmin_level = 4', "admissions[1].min_level"),
    ],
)
def test_a_wrong_value_is_refused_naming_where_what_and_what_is_allowed(refused, content, key):
    error = refused(content)
    assert (error.code, error.values["where"]) == ("policy_value", key)
    assert error.values["found"] is not None
    assert error.values["allowed"]


@pytest.mark.parametrize(
    ("content", "key", "nearest"),
    [
        ('cost = "distanse"', "cost", "distance"),
        ('base = "xuanhan"', "base", "xuanhan-2022"),
        ('[[mode_rules]]\nid = "a"\nmode = "houme"', "mode_rules[1].mode", "home"),
        (
            '[[tier_rules]]\nid = "a"\ntier = 1\nwhen = [{ conditions = ["dementsia"] }]',
            "tier_rules[1].when[1].conditions[1]",
            "dementia",
        ),
        (
            '[[admissions]]\nid = "a"\nmodes = ["home"]\nkinds = ["village_clinic", "town_health_centre"]',
            "admissions[1].kinds[2]",
            "township_health_centre",
        ),
        (
            '[[requirements]]\nid = "a"\nmodes = ["home"]\nservices = ["rehabilitation"]',
            "requirements[1].services[1]",
            "rehab",
        ),
        ('[setting_of_site]\nhotel = "hostel"', "setting_of_site.hotel", "hotel"),
    ],
)
def test_an_unknown_code_is_refused_naming_the_nearest_valid_one(refused, content, key, nearest):
    error = refused(content)
    assert (error.code, error.values["where"], error.values["nearest"]) == ("policy_code", key, nearest)


def test_a_missing_key_is_named(refused):
    error = refused('[[admissions]]\nid = "a"')
    assert (error.code, error.values["where"]) == ("policy_missing_key", "admissions[1].modes")
    error = refused('[[admissions]]\nid = "a"\nmodes = ["home"]\nreading = { zh = "所见" }')
    assert (error.code, error.values["where"]) == ("policy_missing_key", "admissions[1].reading.en")


def test_the_last_rule_must_hold_for_everyone(refused):
    error = refused('[[mode_rules]]\nid = "a"\nmode = "home"\nwhen = [{ min_age = 60 }]')
    assert (error.code, error.values["where"], error.values["rule"]) == (
        "policy_last_rule",
        "mode_rules[1]",
        "a",
    )


def test_a_rule_for_everyone_may_not_hide_the_rules_after_it(refused):
    everyone = '[[tier_rules]]\nid = "%s"\ntier = 1\n'
    error = refused(everyone % "a" + everyone % "b")
    assert (error.code, error.values["rule"]) == ("policy_hidden_rules", "a")


def test_two_rules_may_not_share_an_id(refused):
    admission = '[[admissions]]\nid = "same"\nmodes = ["home"]\n'
    error = refused(admission * 2)
    assert (error.code, error.values["where"]) == ("policy_duplicate_id", "admissions[2]")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("cost =\n", 1),
        ("\n\n[limit_km\n", 3),
        ("cost = '''\nx", 2),
        pytest.param("switching_m = 1" + "0" * 5000, 1, id="number without end"),
    ],
)
def test_a_syntax_error_names_its_line(refused, content, line):
    error = refused(content)
    assert error.code in ("unreadable_syntax", "unreadable_number_too_long")
    assert error.values["line"] == line


def test_a_file_that_is_not_utf8_is_refused(refused):
    assert refused('title = "攀枝花"'.encode("gb18030")).code == "unreadable_no_utf8"


@pytest.mark.parametrize(
    ("name", "nearest"), [("panzhihua", "panzhihua-2016"), ("Xuanhan-2023", "xuanhan-2022")]
)
def test_an_unknown_policy_is_refused_naming_the_nearest(name, nearest):
    with pytest.raises(PolicyError) as caught:
        load_policy(name)
    assert (caught.value.code, caught.value.values["nearest"]) == ("policy_unknown_name", nearest)
    assert nearest in t("error.policy_unknown_name", "en", **caught.value.values)


def test_a_file_that_is_not_there_is_refused_by_its_path(tmp_path):
    with pytest.raises(PolicyError) as caught:
        load_policy(tmp_path / "none.toml")
    assert caught.value.code == "policy_unreadable"
    assert "none.toml" in t("error.policy_unreadable", "zh", **caught.value.values)


@pytest.mark.parametrize(
    ("field", "value"),
    [("switching_m", 5), ("title", "x"), ("limit_km", {})],
    ids=["number", "text", "table"],
)
def test_a_policy_cannot_be_changed(field, value):
    with pytest.raises(AttributeError):
        setattr(load_policy(), field, value)


@pytest.mark.parametrize("name", policy_names())
def test_exchanging_a_value_by_itself_gives_the_same_policy(name):
    policy = load_policy(name)
    assert policy_with(policy, "title", policy.title, "x") == policy


def test_an_exchanged_value_is_read_as_in_a_file(user_policy):
    changed = policy_with(load_policy(), "limit_km.home", 8, "x")
    assert changed == user_policy("limit_km.home = 8")


@pytest.mark.parametrize(
    ("key", "value", "code", "where"),
    [
        ("limit_km.hme", 8, "policy_unknown_key", "limit_km.hme"),
        ("limit_kn.home", 8, "policy_unknown_key", "limit_kn"),
        ("limit_km.home", -1, "policy_value", "limit_km.home"),
        ("limit_km", {"home": 8}, "policy_missing_key", "limit_km.institutional"),
        ("mode_rules.1", "home", "policy_value", "mode_rules"),
    ],
)
def test_an_exchanged_value_is_refused_as_in_a_file(key, value, code, where):
    with pytest.raises(PolicyError) as caught:
        policy_with(load_policy(), key, value, "x")
    assert (caught.value.code, caught.value.values["where"]) == (code, where)


@pytest.mark.parametrize(
    "row",
    ["[0.5, 0.4, 0, 0]", "[0.5, 0.5, 0]", "[1.5, -0.5, 0, 0]"],
    ids=["does not add to 1", "a grade is missing", "no probability"],
)
def test_odds_of_ageing_are_probabilities_of_every_grade(refused, row):
    stay = "[1, 0, 0, 0]"
    error = refused(f'[ageing]\n"MZ/T 039-2013" = [{stay}, {row}, {stay}, {stay}]')
    assert (error.code, error.values["where"].split("[")[0]) == ("policy_value", "ageing.MZ/T 039-2013")
