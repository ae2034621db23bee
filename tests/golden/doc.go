// Package golden checks the library against values computed by the paper's published PyTorch code: heads, losses,
// scores, metrics, calibration, models and whole training traces; and, in posthoc.json, by other libraries and by the
// formulas of other papers: post-hoc scores, prediction sets and calibration errors. The values lie in
// tests/testdata/golden; to check others of the same format, set DISMAX_GOLDEN_DIR to their folder and run
// go test ./tests/... -run Golden.
package golden
