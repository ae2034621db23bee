// Package pretrained holds the detector that comes with the library: a ResNet-20 with the DisMax loss, trained on the
// photographs of CIFAR-10. It answers at once for photographs of airplanes, automobiles, birds, cats, deer, dogs, frogs,
// horses, ships and trucks, and says of others that it does not know them. It is the one that the command "dismax
// detect" asks when no other is named.
//
// It is small and for a first look: what it is worth is in the detector itself, [detect.Detector.Measured], and how it
// was made in its [Record]. A detector of your own is made by experiment.Detector or detect.New. Start with [CIFAR10].
//
// Its file, one megabyte, is linked into the programs that import this package, and into no others.
package pretrained
