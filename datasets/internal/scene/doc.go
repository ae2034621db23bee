// Package scene draws the synthetic images: figures in front of cluttered backgrounds, and patterns without a figure.
// Start with [Draw].
package scene
