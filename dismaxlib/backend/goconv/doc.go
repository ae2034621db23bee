// Package goconv makes GoMLX's pure-Go backend train convolutional networks at the speed of PyTorch on a processor.
//
// It registers the backend "goconv" (GOMLX_BACKEND=goconv), which is GoMLX's go backend with a fast convolution and
// the batch normalization that go lacks. Code above it, GoMLX's layers included, does not change, and XLA never sees
// any of it. [New] is the one door.
//
// # Where things are
//
//	backend.go, builder.go, function.go    the wrappers of GoMLX's interfaces, which record what is built
//	convolution.go, im2col.go, direct.go   what becomes of a convolution: start here
//	batchnorm.go, pool.go, copies.go, activation.go
//	                                       what becomes of other operations
//	plan.go, executable.go                 how a recorded computation is cut and run: start here for execution
//	fuse.go, fuse_norm.go, fuse_convolution.go
//	                                       which operations become one before that
//	keep.go                                which convolutions keep their transformed weights from call to call
//	results.go, reshape.go                 where the results of kernels lie
//	guard.go                               operations that fail give errors
//	recording.go                           how sections of tasks are noted, to simulate more cores
//	internal/direct                        kernels of convolution, in assembly
//	internal/winograd                      3x3 convolutions with fewer multiplications, by those kernels
//	internal/batchnorm, pool, rows, elementwise
//	                                       kernels of the other operations, in Go
//	internal/scratch                       their working memory
//	internal/kept                          what they make of weights, from call to call
//	internal/slack                         buffers with room after their ends, without which there are crashes
//	internal/generate                      writes recorded_gen.go
//	internal/kerneltest, fence             for tests: convolutions as sums in float64, memory with a fence
//	UPSTREAM.md                            what GoMLX could take over
//
// # Convolution
//
// A convolution of images x by a kernel w is
//
//	y[b, p, o] = Σ over taps q, channels c of  x'[b, s·p + d·q - pad, c] · w[q, c, o]
//
// with stride s, dilation d, and x' the images with zeros around them. Its gradients are convolutions too: that of the
// input has the kernel reversed and zeros between the elements where the stride was,
//
//	dx[b, i, c] = Σ over q, o of  dy'[b, i + pad - d·q, o] · w[q, c, o],
//
// and that of the kernel exchanges the roles of batch and channels, and of taps and positions,
//
//	dw[q, c, o] = Σ over b, p of  x'[b, s·p + d·q - pad, c] · dy[b, p, o].
//
// GoMLX asks for all three by the same operation, ConvGeneral, and this package computes all three in one of three ways:
//
//	3x3 of stride 1, from 32 input channels on           winograd.Forward
//	  gradient of its input, from 32 output channels on  winograd.Forward, with the taps reversed
//	  gradient of its kernel, from 32 of both on         winograd.KernelGradient
//	other float32 images with the channels last          direct.Forward and direct.KernelGradient
//	everything else                                      the inner backend's matrix product
//
// Directly: on processors with AVX-512 or AVX2, for float32 and images in the order [batch, height, width, channels] or
// [batch, length, channels], kernels in assembly keep 8 positions × 32 channels of y (or 8 × 32 weights of dw) in
// registers, with AVX2 4 × 24, and read x where it lies. Images are copied once into a frame of zeros, a few at a time, so
// that they stay in the cache; weights are packed so that the kernels read them in a row. The zeros of a strided gradient
// are not multiplied: output positions fall into phases, and each phase has its own taps. No im2col matrix ever exists.
//
// By Winograd's algorithm F(2x2, 3x3): where the kernel is 3x3 and neither stride nor dilation is in the way, on the same
// processors, 2x2 results cost 16 multiplications a channel instead of 36. The additions that this takes are worth it
// from 32 input channels on, and if the batch has more than a few tiles. The forward pass and the gradient of the input
// have up to 1.8 times the error of the direct kernels: a root mean square of 2.0e-7 to 4.5e-7, relative to the results,
// where these have 2.1e-7 to 2.5e-7 and PyTorch 2.1e-7 to 12.8e-7. The gradient of the kernel has up to 1.4 times
// (2.0e-7 to 3.1e-7, against 1.6e-7 to 2.9e-7 and PyTorch's 1.7e-7 to 8.0e-7). The tables are in package winograd, and
// "go run ./tests/bench errors" makes them. An infinite or undefined pixel spoils all 2x2 results of its tiles, also
// those that do not depend on it. The option winograd=0 leaves these convolutions to the direct kernels.
//
// A computation that has no gradient of a kernel keeps the transformed weights from call to call, once it has seen the
// same weights twice: that takes 16/9 of their memory, up to the option weights=MB for each computation (default 512;
// weights=0 keeps none), and those of several sizes of the batch share it. A checksum of the weights at each call finds
// what has changed. On two cores (Zen 3) inference took 5% less time with ResNet-34 and a batch of 16, and 10% less with
// WideResNet-28-10 and a batch of 4. See keep.go.
//
// As a matrix product: everything else of float32 and float64. One Pad and one Gather build the im2col matrix
//
//	columns[(b, p), (q, c)] = x'[b, s·p + d·q - pad, c],
//
// and then y = columns · w, dw = (dyᵀ · columns)ᵀ: the same columns, which the inner backend therefore builds once if
// forward and backward pass are compiled as one piece (see Execution). 1x1 convolutions of stride 1 are plain products.
// Columns that are kept cost 9 times the memory of the activations for 3x3 kernels: the option columns=MB bounds them
// for each computation (default 1024), and past it a kernel gradient builds its columns anew, behind a scheduling
// barrier, so that those of the forward pass can go. A training step of ResNet-20 in float64, batch 32, peaks at 828 MB
// with the default, 670 MB with columns=100 and 551 MB with columns=0.
//
// Convolutions of bfloat16 and float16 are computed in float32 and rounded at the end, as accelerators do; so are sums and
// maxima over windows. Convolutions with groups, dynamic shapes or other dtypes are passed to the inner backend as they
// are.
//
// # Kernels of the other operations
//
// What these operations of float32 become:
//
//	BatchNormForTraining               batchnorm.Normalization.Forward
//	BatchNormForInference              batchnorm.Normalization.Inference
//	BatchNormGradient                  batchnorm.Normalization.Gradient
//	  ... with Relu, Add behind them   the same, in the same pass
//	  ... and a convolution before     batchnorm.Blocks, as an epilogue of
//	      that for inference           direct.Forward or winograd.Forward
//	  ... read by convolutions alone   Statistics, and batchnorm's Parts, as a prologue of
//	                                   direct.Forward and direct.KernelGradient
//	Slice with steps of 1, from 64 KB  rows.Slice
//	Concatenate, from 64 KB            rows.Concatenation
//	ReduceWindow, SelectAndScatterMax  pool.Window
//	Add, Sub, Mul, Div, Sqrt, Relu and its gradient, from 64 KB or at an end of the computation
//	                                   elementwise.Program
//
// # Kernels and their tests
//
// What each kernel is compared with, and by which test. Those of whole graphs are in this package (*), the others in the
// kernel's.
//
//	direct.Forward              kerneltest.Forward         TestForwardIsTheSumThatDefinesIt
//	direct.KernelGradient       kerneltest.KernelGradient  TestKernelGradientIsTheSumThatDefinesIt
//	direct.Product              a loop in the test         TestProductsAreThoseOfMatrices
//	direct.OuterProduct         a loop in the test         TestOuterProductsAddWhatTheyAreToldTo
//	winograd.Forward            kerneltest.Forward         TestRandomConvolutionsAreTheSumsThatDefineThem
//	winograd.KernelGradient     kerneltest.KernelGradient  TestRandomKernelGradientsAreTheSumsThatDefineThem
//	  weights that are kept     weights=0                  TestConvolutionsSeeWeightsThatChangedSince *
//	  transforms_amd64.s        plain... of transforms.go  TestVectorTransformsEqualThePlainOnes
//	the matrix product, 1-D,
//	  float64, bfloat16         kerneltest's three sums    TestRandomConvolutionsAreTheSumsThatDefineThem *
//	groups, channels first      the inner backend          TestRandomConvolutionsAgreeWithTheInnerBackend *
//	batchnorm.Normalization     reference, in float64      TestNormalizationsAgreeWithFloat64
//	  its loops over vectors    ...Plain of plain.go       TestVectorLoopsComputeWhatPlainOnesDo
//	  with Relu and Add         the operations apart       TestFusedNormalizationsAreBitForBitTheUnfusedOnes *
//	  in front of a convolution the operations apart       TestConvolutionsNormalizeWhatTheyReadBitForBit *
//	batchnorm.Blocks            Normalization.Inference    TestBlocksAreBitForBitTheWholeNormalization
//	  behind a convolution      the operations apart       TestConvolutionsNormalizeTheirResultsBitForBit *
//	rows.Slice                  sliced, by elements        TestSlicesTakeTheirPart
//	rows.Concatenation          a loop in the test         TestConcatenationsPutArraysSideBySide
//	pool.Window                 the inner backend          TestPoolsAgreeWithTheInnerBackend *
//	elementwise.Program         Go's own operators         TestEveryOperationIsExact
//	  rectifiers                a table                    TestRectifiersPassWhatIsPositive
//	  an optimizer's update     the inner backend          TestUpdatesAreBitForBitThoseOfTheInnerBackend *
//
// Tests whose names say "stay inside" give each kernel operands that end at an unreadable page. "make convolutions"
// compares 2,000 random convolutions of each family of kernels with the sums of package kerneltest, which are the
// definitions in plain loops of float64.
//
// # Batch normalization
//
// With the features last, internal/batchnorm computes it and its gradient in two passes over memory each, where the
// inner backend's operations would take six or seven; else it is lowered to these. The gradient is that of the whole
// operation, batch statistics included.
//
// What stands behind a normalization is done in the pass that writes its result, if nothing else needs what lies
// between:
//
//	y = relu(normalize(x) + residual)                  for training and inference
//	dx = gradient(x, dy where y > 0) + addend          where nothing was added before the rectifier
//
// and y > 0 is found from x again, not read. The bits are those of the operations one after the other; the derivative of
// the rectifier at 0 is 0. See fuse_norm.go.
//
// For inference, all of this is an epilogue of the convolution before it, where there is one with a kernel of its own,
// a multiple of 8 output channels and no other use of its result: the task that has computed some results normalizes
// them, adds the residual and rectifies while they lie in its cache, and no pass over memory is left. The bits are the
// same again. Of ResNet-20 and ResNet-34 that is every normalization, of DenseNet-BC-100, which normalizes before it
// convolves, 48 of 99, and of WideResNet none, because its convolutions add biases.
//
// Where only convolutions read what is normalized and rectified, by kernels of package direct, it is their prologue, for
// training as for inference: tasks normalize the images that they copy into their own memory, for the result and again
// for the gradient of the kernel (each task, where cores share the channels of an image), and only the statistics stay
// an operation. What is normalized is never in memory.
// Those are 49 of DenseNet-BC-100's normalizations, before its 1x1 convolutions, which takes 0.97 of the time in training
// and 0.88 in inference on two cores (Zen 3); of ResNet-20 three, which changes nothing. See fuse_convolution.go.
//
// # Windows
//
// Mean and maximum pooling of float32 images are loops over rows of channels in internal/pool, because the inner
// backend visits every element through an iterator.
//
// # Updates
//
// What an optimizer does with a variable is a chain of elementwise operations at an end of the computation, and the
// inner backend would pass over the variable once for each of them. Such ends of float32 become one kernel of
// internal/elementwise, which passes over memory once, on all cores, and writes over the old values where GoMLX gives
// them away. The results are bit for bit the same. See fuse.go.
//
// # Execution
//
// GoMLX's go backend takes no operations from outside its module. So the main function is recorded while it is built,
// and cut at the operations above when it is compiled: the inner backend compiles and executes the segments between
// them. Computations that cannot be emitted in pieces (with closures, as in Sort or While, or with dynamic shapes) stay
// whole; their convolutions are matrix products.
//
// Operations that fail while they run give an error from the call, as guard.go explains. What the inner backend reads
// past the ends of buffers it may read, as package slack does.
//
// # Determinism
//
// The same computation on the same data gives the same results, bit for bit, with the same build on the same kind of
// processor, on however many cores. What a kernel divides among cores are results; where it divides a sum, as in the
// gradient of a kernel and in the statistics of a batch, the parts and their order follow from the shapes alone. GoMLX's
// own operations keep to that in everything that was tried: TestTrainingIsTheSameOnEveryNumberOfCoresBitForBit trains on
// 1, 2, 3, 8 and 16 cores, and "make stress" compares the losses of processes that have different numbers of them.
//
// Processors with AVX-512 and with AVX2 alone may differ in the last digits, as may GOEXPERIMENT=simd and a build without
// it.
//
// # Memory
//
// Peak resident memory of training as "make bench" measures it (SGD with Nesterov momentum, DisMax head, images of 32x32,
// two cores with AVX2), in MB, and that of PyTorch 2.15 in its fastest mode:
//
//	ResNet-20, width 16     batch  32     147    (843)
//	ResNet-34, width 64     batch  16     563   (1276)
//	DenseNet-BC-100         batch  16     662   (1522)
//	WideResNet-28-10        batch   4     862   (1445)
//
// It is what the activations take that the gradient needs; columns are never kept. DenseNet's concatenations are copies
// here. As matrix products (option im2col) ResNet-20 took 395 MB with plain SGD and batch 32, where the kernels took 140.
// Winograd's convolutions add nearly twice what the largest 3x3 kernel takes, and for each group of tiles that is worked
// on 0.4 MB (64 channels) to 5 MB (640): on one core ResNet-34 with a batch of 4 peaked at 335 MB with them and 322 MB
// with winograd=0. Inference keeps 151 MB of transformed weights for ResNet-34 and 260 MB for WideResNet-28-10,
// until the computation sees other weights or is finalized: an evaluation's stay while the network trains on.
//
// # Without GOEXPERIMENT=simd
//
// The convolution is as fast as with it, since its kernels are assembly. The other operations are not: a training step
// of ResNet-20 takes 1.8 to 2.7 times as long, one of ResNet-34 1.6 to 1.8 times. This command, with GOEXPERIMENT=simd before it and
// without, measures it:
//
//	go run ./dismaxlib/cmd/dismax bench --backend goconv --models resnet20:32,resnet34:16
package goconv
