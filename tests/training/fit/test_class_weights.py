import numpy as np
import pytest
from modelport.training.fit.class_weights import class_weights


@pytest.mark.parametrize("counts", [(30, 10), (1, 2, 3, 4), (7, 7), (1, 1000)])
def test_they_are_scikit_learns_balanced_weights(counts: tuple[int, ...]) -> None:
    pytest.importorskip("sklearn", reason="the comparison needs scikit-learn")
    from sklearn.utils.class_weight import compute_class_weight

    classes = np.arange(len(counts))
    expected = compute_class_weight("balanced", classes=classes, y=np.repeat(classes, counts))
    assert pytest.approx(dict(enumerate(expected))) == class_weights(counts)
