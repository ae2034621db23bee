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
// the other, as BenchmarkConvolution measures them: the least of five or more runs, in time of the processor, since the
// machine had other work:
//
//	batch, image, channels  forward                 input gradient          kernel gradient
//	32 x 32x32, 16 to 16      2.99   2.11  1.41      3.19   2.66  1.20      3.27   3.49  0.94
//	32 x 16x16, 32 to 32      1.75   1.96  0.89      1.65   1.86  0.89      2.04   2.87  0.71
//	32 x 8x8, 64 to 64        1.22   2.08  0.59      1.23   1.94  0.63      1.42   3.11  0.46
//	16 x 32x32, 64 to 64     10.14  18.97  0.53     11.78  17.53  0.67     17.19  29.20  0.59
//	16 x 16x16, 128 to 128    9.65  17.27  0.56      9.30  17.67  0.53     12.26  26.40  0.46
//	16 x 8x8, 256 to 256     12.12  19.36  0.63     11.90  17.00  0.70     14.05  29.07  0.48
//	16 x 4x4, 512 to 512     14.96  21.48  0.70     16.01  21.63  0.74     16.84  46.23  0.36
//	4 x 32x32, 160 to 160    15.96  31.84  0.50     18.04  27.42  0.66     19.80  39.96  0.50
//	4 x 16x16, 320 to 320    18.08  28.25  0.64     19.71  27.97  0.70     22.92  44.27  0.52
//	4 x 8x8, 640 to 640      26.77  33.53  0.80     21.94  34.78  0.63     35.55  69.75  0.51
//	16 x 32x32, 48 to 12      2.88   4.54  0.63      3.22   2.21  1.46      3.83   4.33  0.88
//	16 x 16x16, 48 to 12      0.61   1.56  0.39      0.71   0.50  1.42      0.88   1.15  0.77
//	16 x 8x8, 48 to 12        0.15   0.27  0.57      0.14   0.13  1.10      0.17   0.25  0.67
//	16 x 16x16, 64 to 16      0.83   1.04  0.80      0.84   0.95  0.88      0.82   1.36  0.60
//	16 x 16x16, 32 to 64      1.46   1.88  0.78      1.31   2.06  0.64      1.56   3.11  0.50
//	1 x 4x4, 512 to 512       7.52   5.32  1.41      7.86   5.32  1.48      5.62   4.43  1.27
//	4 x 4x4, 512 to 512       7.91   8.54  0.93      7.80   7.54  1.03      7.10  11.69  0.61
//	8 x 4x4, 512 to 512      11.18  12.92  0.87      9.38  12.15  0.77      9.04  24.01  0.38
//	16 x 7x7, 64 to 64        0.59   0.74  0.80      0.61   0.75  0.80      0.63   1.09  0.58
//
// So it pays from 32 input channels on, and the number of output channels matters little. (The input gradient of 48 to
// 12 channels has 12 input channels.) With few tiles in the batch the transforms of the weights take longer than what
// they save. Gradients of kernels with fewer than 32 output channels stay with the direct kernels all the same: in
// training steps of DenseNet-BC-100, whose kernels those are, three pairs of runs took 2 to 8% longer with them.
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
