import numpy as np

from ld_worker import calibration


def test_softens_scores_that_are_surer_than_they_are_right():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 4, 400).tolist()
    tops = [y if rng.random() < 0.7 else (y + 1) % 4 for y in labels]
    scores = [[8.0 if i == top else 0.0 for i in range(4)] for top in tops]
    fitted = calibration.temperature(scores, labels)
    assert fitted > 2
    before = calibration.expected_calibration_error(scores, labels, 1.0)
    assert calibration.expected_calibration_error(scores, labels, fitted) < before / 4


def test_stays_within_bounds_where_every_row_is_right():
    assert calibration.temperature([[3.0, 0.0], [0.0, 3.0]], [0, 1]) == calibration.LOWEST


def test_probabilities_sum_to_one_and_temperature_changes_no_order():
    for temperature in (0.5, 1.0, 4.0):
        found = calibration.probabilities([2.0, 1.0, -1.0], temperature)
        assert found.sum() == 1.0 or abs(found.sum() - 1.0) < 1e-12
        assert found.argmax() == 0


def test_agreement_counts_top_choices():
    assert calibration.agreement([[2.0, 1.0], [2.0, 1.0]], [0, 1]) == 0.5


def test_the_score_of_none_undoes_a_student_that_says_yes_too_easily():
    eager = [[1.5, -3.0, 0.0], [1.0, -2.0, 0.0], [3.0, -1.0, 0.0], [-2.0, 2.8, 0.0]]
    labels = [2, 2, 0, 1]
    bias = calibration.none_bias(eager, labels)
    assert 1.5 < bias < 2.8
    assert calibration.agreement(calibration.biased(eager, bias), labels) == 1.0
    assert calibration.agreement(eager, labels) == 0.5


def test_none_needs_no_bias_where_every_row_is_right_without():
    assert abs(calibration.none_bias([[3.0, -3.0, 0.0], [-3.0, -3.0, 0.0]], [0, 2])) < 0.2


def test_where_fewer_fit_than_in_the_practice_none_is_given_more():
    rng = np.random.default_rng(2)
    fits = (rng.random(600) < 0.6).tolist()
    scores = [[float(rng.normal(1.0 if one else -1.0, 1.5)), 0.0] for one in fits]
    labels = [0 if one else 1 for one in fits]
    as_practised = calibration.none_bias(scores, labels)
    in_service = calibration.none_bias(scores, labels, calibration.weights(fits, 0.2))
    # Two normal distributions: the odds of the shares are what the score of none moves by, in the scale of the scores.
    moved = (np.log(0.6 / 0.4) - np.log(0.2 / 0.8)) * 1.5**2 / 2
    assert abs(in_service - as_practised - moved) < 0.7


def test_weights_make_the_share_and_leave_rows_of_one_kind_alone():
    weights = calibration.weights([True, True, True, False], 0.25)
    assert abs(sum(weights[:3]) / sum(weights) - 0.25) < 1e-12
    assert calibration.weights([True, True], 0.25) == [1.0, 1.0]
    assert calibration.weights([], 0.25) == []


def test_a_student_that_asks_to_be_surer_keeps_less_and_errs_less():
    scores = [[4.0, 0.0, -1.0], [0.5, 0.4, -3.0], [0.0, 0.2, -3.0], [0.0, 0.1, 2.0]]
    curve = calibration.cost_curve(scores, [0, 1, 1, 0], 1.0)
    assert curve[0] == {"threshold": 0.0, "kept": 3, "agreed": 2}  # the fourth row finds that nothing fits
    assert [point for point in curve if point["threshold"] == 0.9] == [{"threshold": 0.9, "kept": 1, "agreed": 1}]
    kept = [point["kept"] for point in curve]
    assert kept == sorted(kept, reverse=True)
    assert all(point["agreed"] <= point["kept"] for point in curve)
