// Package winograd convolves float32 images with 3x3 kernels of stride 1 in 16 multiplications for 2x2 results, where the
// sum that defines them takes 36: F(2x2, 3x3) of Lavin and Gray, Fast Algorithms for Convolutional Neural Networks
// (arXiv 1509.09308).
//
// [Forward] computes convolutions, which gradients of their inputs are too, and [KernelGradient] gradients of their
// kernels. Slices in, slices out, as in package direct, whose kernels do the multiplications. Start in forward.go; the
// transforms are in transforms.go, in plain Go, and for AVX2 in transforms_amd64.s. The tests compare the ones with the
// others, and whole convolutions with the sums of package kerneltest.
//
// # Formulas
//
// Images fall into tiles of 4x4 pixels x, which overlap, for 2x2 results y. With the matrices A, B and G of transforms.go,
// ∘ for products of elements, and w for the 3x3 weights of an input and an output channel,
//
//	y  = Aᵀ [ Σ over input channels of  (Bᵀ x B) ∘ (G w Gᵀ) ] A
//	dw = Gᵀ [ Σ over images and tiles of  (Bᵀ x B) ∘ (A dy Aᵀ) ] G
//
// For each of the 16 elements both sums are products of matrices, [tiles, in] · [in, out] and [tiles, in]ᵀ · [tiles, out].
// The transforms are additions only, and halvings. Tiles at the borders are completed with zeros, so that every padding
// and size will do.
//
// # When it pays
//
// Milliseconds on one core of an AMD EPYC (Zen 3, AVX2), with this package, with the direct kernels, and the one over
// the other, as BenchmarkConvolution measures them: the least of six or more runs, in time of the processor, since the
// machine had other work:
//
//	batch, image, channels  forward                 input gradient          kernel gradient
//	32 x 32x32, 16 to 16     1.96   1.87  1.05      1.79   1.83  0.97      1.81   3.08  0.59
//	32 x 16x16, 32 to 32     1.14   1.75  0.65      1.14   1.71  0.67      1.21   2.66  0.45
//	32 x 8x8, 64 to 64       0.96   1.73  0.56      0.96   1.72  0.56      1.05   2.19  0.48
//	16 x 32x32, 64 to 64     7.85  13.88  0.57      8.01  13.92  0.58     10.38  17.98  0.58
//	16 x 16x16, 128 to 128   7.33  14.81  0.49      7.27  14.59  0.50      9.02  18.32  0.49
//	16 x 8x8, 256 to 256     7.69  14.79  0.52      7.65  14.97  0.51      7.96  22.30  0.36
//	16 x 4x4, 512 to 512    12.71  18.90  0.67     12.83  18.52  0.69     12.61  34.21  0.37
//	4 x 32x32, 160 to 160   11.20  22.82  0.49     10.91  22.16  0.49     12.50  27.46  0.46
//	4 x 16x16, 320 to 320   12.96  23.23  0.56     13.39  23.31  0.57     15.87  34.94  0.45
//	4 x 8x8, 640 to 640     19.46  26.61  0.73     18.48  26.39  0.70     17.90  43.37  0.41
//	16 x 32x32, 48 to 12     2.02   2.89  0.70      2.03   1.91  1.06      2.83   3.93  0.72
//	16 x 16x16, 48 to 12     0.50   0.72  0.69      0.49   0.48  1.04      0.60   0.96  0.63
//	16 x 8x8, 48 to 12       0.14   0.18  0.76      0.13   0.12  1.09      0.16   0.24  0.66
//	16 x 16x16, 64 to 16     0.61   0.89  0.68      0.63   0.85  0.75      0.69   1.21  0.57
//	16 x 16x16, 32 to 64     1.06   1.72  0.62      1.04   1.76  0.60      1.08   2.25  0.48
//	1 x 4x4, 512 to 512      4.92   3.00  1.64      5.12   2.80  1.83      4.03   3.57  1.13
//	4 x 4x4, 512 to 512      5.96   6.24  0.96      6.10   6.06  1.01      5.89   9.05  0.65
//	8 x 4x4, 512 to 512      7.71  10.06  0.77      8.02  10.08  0.80      7.12  17.64  0.40
//	16 x 7x7, 64 to 64       0.47   0.69  0.68      0.48   0.66  0.73      0.52   0.88  0.59
//
// So it pays from 32 input channels on, and the number of output channels matters little. (The input gradient of 48 to
// 12 channels has 12 input channels.) With few tiles in the batch the transforms of the weights take longer than what
// they save, unless they are kept, which the bound leaves out of account. Gradients of kernels with fewer than 32 channels stay with the direct kernels all the same, because whole
// training steps gain nothing: those of DenseNet-BC-100 took 2 to 8% longer in three pairs of runs, and those of ResNet-20
// 0.97 to 1.01 times as long in 40 pairs each (batches of 32 and 64, one core and two).
//
// # Errors
//
// The root mean square of the difference from the sum in float64, relative to that of the sum, in units of 1e-7, for
// normally distributed x, w and dy; beside those of PyTorch 2.15 on the same numbers and processor (Zen 3, AVX2), with
// images as NCHW and as NHWC in memory. Package goconv computes what these tables have, so that Winograd's column is
// that of the direct kernels where it does not pay (16 to 16 channels, and gradients of 48 to 12).
//
//	Forward pass:             Winograd    direct  PyTorch  channels_last
//	8 x 32x32, 16 to 16            2.1       2.1      2.1            2.1
//	8 x 16x16, 32 to 32            2.0       2.2      2.9            3.0
//	8 x 8x8, 64 to 64              2.7       2.4      4.0            4.0
//	1 x 32x32, 64 to 64            2.6       2.5      4.2            4.3
//	2 x 16x16, 128 to 128          3.6       2.1      5.9            5.9
//	4 x 8x8, 256 to 256            3.7       2.2      8.0            8.1
//	8 x 4x4, 512 to 512            4.4       2.5     10.6           10.5
//	1 x 32x32, 160 to 160          4.0       2.3      6.7            6.8
//	2 x 8x8, 640 to 640            4.1       2.5     12.8            7.6
//	8 x 8x8, 48 to 12              2.4       2.4      3.5            3.4
//
//	Gradient of the input:    Winograd    direct  PyTorch  channels_last
//	8 x 32x32, 16 to 16            2.1       2.1      2.1            2.1
//	8 x 16x16, 32 to 32            2.0       2.3      2.1            3.0
//	8 x 8x8, 64 to 64              2.7       2.5      2.9            4.0
//	1 x 32x32, 64 to 64            2.6       2.5      2.2            4.2
//	2 x 16x16, 128 to 128          3.6       2.1      2.2            5.8
//	4 x 8x8, 256 to 256            3.7       2.2      2.9            8.1
//	8 x 4x4, 512 to 512            4.5       2.5      2.8           10.6
//	1 x 32x32, 160 to 160          4.0       2.3      2.2            6.7
//	2 x 8x8, 640 to 640            4.1       2.5      3.0            7.6
//	8 x 8x8, 48 to 12              1.8       1.8      1.7            1.8
//
//	Gradient of the kernel:   Winograd    direct  PyTorch  channels_last
//	8 x 32x32, 16 to 16            2.9       2.9     15.7           15.7
//	8 x 16x16, 32 to 32            3.1       2.8      8.0            8.0
//	8 x 8x8, 64 to 64              2.4       2.6      3.7            3.7
//	1 x 32x32, 64 to 64            2.4       2.9      5.6            5.6
//	2 x 16x16, 128 to 128          2.1       2.8      3.9            3.9
//	4 x 8x8, 256 to 256            2.7       2.6      2.6            2.6
//	8 x 4x4, 512 to 512            2.1       1.6      1.7            1.7
//	1 x 32x32, 160 to 160          2.2       2.8      5.6            5.6
//	2 x 8x8, 640 to 640            2.0       1.9      1.9            1.9
//	8 x 8x8, 48 to 12              2.7       2.7      3.8            3.8
//
// "go run ./tests/bench errors" makes them anew; it needs the PyTorch that "make .cache/bench/installed" gets.
// TestErrorsAgainstFloat64StayWithinTheStatedBound keeps them. The direct kernels add up at most 192 products before
// they add to what is in memory, so that their error hardly grows with the channels.
package winograd
