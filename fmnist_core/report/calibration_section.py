"""The section of a report on whether the network's probabilities can be believed."""

import numpy as np

from fmnist_core.metrics import calibration, evaluation
from fmnist_core.report.charts import reliability_chart
from fmnist_core.report.elements import Html, element, paragraph, percent, section, table
from fmnist_core.report.sections import Finished
from fmnist_core.runs import predictions
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError

BINS_NAMED = f"{calibration.BINS} bins of equal width"


def certainty(found: Finished) -> Html:
    """Calibration on the test pictures, before and after a temperature fitted on the validation pictures."""
    stored = found.stored
    plain = _reliability(stored, 1.0)
    said = [paragraph(_verdict(stored, plain))]
    columns = [("", plain)]
    try:
        validation = predictions.load(found.run, "validation")
    except RunError as error:
        said.append(paragraph(f"{error} So no temperature can be fitted: on the test pictures it would be no test."))
    else:
        temperature = calibration.fit_temperature(validation.logits, validation.labels)
        fitted = _reliability(stored, temperature)
        columns.append((f"At temperature {temperature:.3f}", fitted))
        said.append(
            paragraph(
                f"Fitted temperature: {temperature:.3f}, on {len(validation.labels):,} validation pictures. With the "
                f"logits divided by it, the error on the test pictures is {percent(fitted.error)}; no verdict changes."
            )
        )
    plain_chart = reliability_chart(plain)
    charts = [plain_chart, *(reliability_chart(other) for _, other in columns[1:])]
    titles = ["As it is", *(title for title, _ in columns[1:])]
    drawn = (element("div", element("h3", title), chart) for title, chart in zip(titles, charts, strict=True))
    return section("Calibration", *said, element("div", *drawn, class_="charts"), _bins(plain))


def _reliability(stored: Predictions, temperature: float) -> calibration.Reliability:
    confidence = evaluation.softmax(stored.logits, temperature).max(axis=1)
    return calibration.reliability(np.minimum(confidence, 1), stored.predicted == stored.labels)


def _verdict(stored: Predictions, found: calibration.Reliability) -> str:
    mean = float(np.nansum(found.confidence * found.counts) / found.counts.sum())
    right = float((stored.predicted == stored.labels).mean())
    word = "too sure" if mean > right else "not sure enough"
    return (
        f"Expected calibration error: {percent(found.error)}, in {BINS_NAMED}. On average it is {percent(mean)} sure "
        f"and {percent(right)} right, so it is {word} by {percent(abs(mean - right))}."
    )


def _bins(found: calibration.Reliability) -> Html:
    rows = []
    for place in np.flatnonzero(found.counts):
        low, high = found.edges[place : place + 2]
        gap = float(found.accuracy[place] - found.confidence[place])
        bin_name = f"{100 * low:.1f} to {100 * high:.1f} %"
        figures = (percent(float(values[place])) for values in (found.confidence, found.accuracy))
        rows.append(
            [bin_name, f"{found.counts[place]:,}", *figures, f"{100 * gap:+.2f}".replace("-", "\N{MINUS SIGN}")]
        )
    headings = ["Confidence", "Pictures", "Mean confidence", "Right", "Right less sure, points"]
    return table(f"{BINS_NAMED}; empty ones left out", headings, rows)
