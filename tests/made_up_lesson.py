"""A lesson of a teacher's own that asks each kind of question, and a file that is none."""

from pathlib import Path

NAME = "made-up"
INTRO, CHOICE, NUMBER, ORDER, DRAWING, OWN, LAST = range(7)  # its steps
NUMBER_IS = 30
ORDER_IS = ("first", "second", "third")
TEXT = f"""---
title: A lesson made up
minutes: 5
age: from 12
learned: [Say what was asked.]
run: simple_nn
---

# Look at this

![A sandal](test/5344) ![An ankle boot](test/470)

Nothing is asked here.

```view
page: data
fields: {{split: train}}
```

# One of three

Words before the question.

```question
kind: choice
ask: Which is it?
options: [Green, "*Red* <b>", Blue]
answer: {{what: typed, is: "*Red* <b>", because: Because it is red.}}
```

```view
page: data
fields: {{split: test, class: "6"}}
hide: [split]
```

```teacher
Notes for the teacher alone.
```

# A number

```question
kind: number
ask: How many are there?
answer: {{what: typed, is: {NUMBER_IS}, because: There are {NUMBER_IS}.}}
from: 0
to: 40
step: 10
unit: pieces
```

# In order

```question
kind: order
ask: Which comes when?
options: [second, third, first]
answer: {{what: typed, is: {"; ".join(ORDER_IS)}, because: They come like this.}}
```

# To be drawn

```question
kind: drawing
ask: Draw it.
answer: {{what: drawing, class: Trouser}}
```

# Of your own

Words of a step that nobody can answer yet.

```question
kind: number
ask: How good is yours?
answer: {{what: accuracy, run: own}}
```

# The end

That was all.
"""
BROKEN = """---
title: Not yet
minutes: many
age: from 12
---

# A step

```question
kind: guess
ask: What?
answer: recall
```
"""


def write(runs: Path, text: str = TEXT, name: str = NAME) -> Path:
    """The file where the app looks for one's own: beside the runs."""
    folder = runs.with_name("lessons")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.md"
    file.write_text(text, encoding="utf-8")
    return file
