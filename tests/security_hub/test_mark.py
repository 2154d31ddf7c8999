"""The mark of a finding in an annotation."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from ecr_crossaccount import Origin, Repository, Trust, judge
from ecr_crossaccount.config_rule.annotation import LIMIT, annotation
from ecr_crossaccount.security_hub.mark import RENEWED_AFTER, mark_of, without_mark

from tests.security_hub.test_finding import allow, judged, of

TODAY = date(2026, 11, 27)
TWO = of(allow({"AWS": "222233334444"}, "ecr:PutImage"), allow({"AWS": "333344445555"}))
OTHERS = of(allow({"AWS": "222233334444"}, "ecr:PutImage"), allow({"AWS": "444455556666"}))


def test_grants_that_change_change_the_mark_where_the_rest_of_the_annotation_is_the_same() -> None:
    assert annotation(judged(TWO)) == annotation(judged(OTHERS))
    assert mark_of(TODAY, judged(TWO), "a") != mark_of(TODAY, judged(OTHERS), "a")
    assert mark_of(TODAY, judged(TWO), "a") == mark_of(TODAY, judged(TWO), "a")


def test_another_day_makes_no_other_mark() -> None:
    """The witness of a grant has the date of the judgement."""
    ours = Repository("111122223333", tags_known=True)
    days = (TODAY, TODAY + timedelta(1))
    verdicts = [judge(TWO, ours, Trust.parse({"version": 1, "trust": []}, today=day), Origin.DEPLOYED) for day in days]
    assert verdicts[0].grants[0].witness != verdicts[1].grants[0].witness
    assert len({mark_of(TODAY, verdict, "a") for verdict in verdicts}) == 1


def test_every_week_there_is_another_and_not_for_all_on_one_day() -> None:
    verdict, days = judged(TWO), [TODAY + timedelta(day) for day in range(RENEWED_AFTER * 3)]
    changes = set()
    for name in map(str, range(20)):
        marks = [mark_of(day, verdict, name) for day in days]
        changed = [number for number in range(1, len(days)) if marks[number] != marks[number - 1]]
        assert {after - before for before, after in pairwise(changed)} == {RENEWED_AFTER}
        changes.add(changed[0])
    assert len(changes) > 3


def test_an_annotation_ends_in_its_mark_and_is_not_too_long() -> None:
    mark = mark_of(TODAY, judged(TWO), "a")
    said = annotation(judged(TWO), "x" * 150, mark)
    assert said.endswith(f"; {mark}")
    assert len(said) <= LIMIT
    assert without_mark(annotation(judged(TWO), None, mark), mark) == annotation(judged(TWO))
