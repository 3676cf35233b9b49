"""The lessons that ship: what each asks can be answered, is not given away, and fits a projector."""

import re
from collections.abc import Iterator

import pytest

from fmnist_core import data
from fmnist_core.lessons import answers, library, reading, reveals
from fmnist_core.lessons.found import Found, judge
from fmnist_core.lessons.lesson import KINDS, Lesson, Question, Step
from fmnist_core.lessons.sources import OWN, Sources

# Of a step's text, at 28 px in half of 1280 x 720: alone, beside a row of pictures or many options, beside two rows.
MOST_WORDS, MOST_WORDS_IN_LITTLE_ROOM, MOST_WORDS_BELOW_ROWS = 60, 45, 12
MOST_OPTIONS_BESIDE_TEXT = 6
IN_A_ROW, MOST_PICTURES, LONGEST_CAPTION = 3, 6, 16  # pictures of a step; a picture's description stands below it
MINUTES = range(10, 46)
FEWEST_REVEALS = 10  # kinds of them, in all lessons
PICTURE = re.compile(r"!\[([^]]*)\]\(([^)]*)\)")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
ASK = Sources()


def read(name: str) -> Lesson:
    lesson, problems = reading.read(library.shipped_folder() / f"{name}.md")
    assert not problems, problems
    assert lesson is not None
    return lesson


def steps() -> Iterator[tuple[str, Step]]:
    return ((name, step) for name in library.COURSE for step in read(name).steps)


def asked() -> list[tuple[str, str, Question]]:
    """Lesson, title of the step, question."""
    return [(name, step.title, step.question) for name, step in steps() if step.question]


def asks_of_own(question: Question) -> bool:
    return any(OWN in value.split() for value in question.answer.of.values())


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    """Of each question that can be asked without a training of one's own: the title of its step -> its answer."""
    return {
        title: answers.find(read(name), question, ASK) for name, title, question in asked() if not asks_of_own(question)
    }


def test_the_whole_course_ships_and_nothing_else() -> None:
    assert {path.stem for path in library.shipped_folder().glob("*.md")} == set(library.COURSE)


@pytest.mark.parametrize("name", library.COURSE)
def test_a_lesson_can_be_given(name: str) -> None:
    lesson = read(name)
    assert lesson.minutes in MINUTES
    assert 2 <= len(lesson.learned) <= 4
    assert all(step.notes for step in lesson.steps)
    told = [int(minutes) for step in lesson.steps for minutes in re.findall(r"^\*\*(\d+) minutes", step.notes)]
    assert len(told) == len(lesson.steps)
    assert sum(told) <= lesson.minutes


def test_no_two_steps_have_the_same_title() -> None:
    titles = [step.title for _, step in steps()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", library.COURSE)
def test_steps_fit_a_projector(name: str) -> None:
    for step in read(name).steps:
        words = len(PICTURE.sub("", step.text).split())
        assert 0 < words <= most_words(step), step.title


def most_words(step: Step) -> int:
    pictures = len(PICTURE.findall(step.text))
    if pictures > IN_A_ROW:
        return MOST_WORDS_BELOW_ROWS
    options = step.question.options if step.question else ()
    little_room = pictures or len(options) > MOST_OPTIONS_BESIDE_TEXT
    return MOST_WORDS_IN_LITTLE_ROOM if little_room else MOST_WORDS


@pytest.mark.parametrize("name", library.COURSE)
def test_pictures_exist_and_are_described(name: str) -> None:
    for step in read(name).steps:
        pictures = PICTURE.findall(step.text)
        assert len(pictures) <= MOST_PICTURES, step.title
        for description, address in pictures:
            data.parse_picture_address(address)  # raises ValueError where there is none
            assert 0 < len(description) <= LONGEST_CAPTION, step.title


def test_every_view_opens() -> None:
    views = [step.view for _, step in steps() if step.view]
    assert views
    for view in views:
        for field, text in view.fields.items():
            assert ASK.address(field, text)  # raises LessonError where a run is missing


def test_each_question_has_an_answer_within_its_options(found: dict[str, Found]) -> None:
    assert len(found) + sum(asks_of_own(question) for *_, question in asked()) == len(asked())
    for title, one in found.items():  # `answers.find` raises where the options lack it
        assert one.sentence, title


def test_what_asks_of_an_own_run_follows_a_training() -> None:
    """Such answers cannot be computed here: nothing was trained by whom the test asks for."""
    for name in library.COURSE:
        before: Step | None = None
        for step in read(name).steps:
            if step.question and asks_of_own(step.question):
                assert before is not None, name
                assert before.view is not None, name
                assert before.view.page == "train", name
                assert f"own {before.view.fields['model']}" in step.question.answer.of.values(), name
            before = step


def test_a_guess_that_was_never_moved_is_wrong(found: dict[str, Found]) -> None:
    """A slider begins in the middle: who has not thought about it must not be right."""
    for _, title, question in asked():
        if question.kind == "number" and title in found:
            middle = question.low + question.step * round((question.high - question.low) / 2 / question.step)
            assert judge(question, found[title], middle).right is False, title


def test_no_text_gives_a_number_away(found: dict[str, Found]) -> None:
    """Neither what a step says before it is answered nor its title names the number, rounded or not."""
    for _, step in steps():
        question = step.question
        if question is None or question.kind != "number" or step.title not in found:
            continue
        value = float(found[step.title].value)  # type: ignore[arg-type]
        said = {float(one.replace(",", "")) for one in NUMBER.findall(f"{step.title} {step.text} {question.ask}")}
        assert not said & {value, round(value, 1), float(round(value))}, step.title


def test_a_choice_is_not_always_the_same_place(found: dict[str, Found]) -> None:
    for name in library.COURSE:
        choices = [
            found[title]
            for lesson, title, question in asked()
            if lesson == name and question.kind == "choice" and title in found
        ]
        places = [one.options.index(one.value) for one in choices]  # type: ignore[arg-type]
        assert len(set(places)) > 1 or len(places) < 3, name


def test_the_course_varies(found: dict[str, Found]) -> None:
    assert {question.kind for *_, question in asked()} == set(KINDS)
    assert len({type(one.reveal) for one in found.values()}) >= FEWEST_REVEALS


def test_nothing_is_typed_that_the_app_can_compute(found: dict[str, Found]) -> None:
    assert not any(isinstance(one.reveal, reveals.Words) for one in found.values())
    assert all(question.answer.what != "typed" for *_, question in asked())
