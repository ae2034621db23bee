// Package bench measures how long a training step and an inference step of the models take, and how much memory.
//
// A case is a model, a batch size and a loss; [ParseCases] reads cases as the command line names them. [Measure] runs
// one case in this process, on images of random pixels. The memory that it reports is the peak of the whole process, so
// each case belongs in a process of its own: "dismax bench" starts them and joins their records with [Merge].
//
// Start with [Measure]. Comparing with PyTorch and JAX is the business of tests/bench.
package bench
