// Package datasets opens images as the paper's experiments need them: 8-bit RGB pixels with integer labels, split into
// training, validation and test images, and delivered in shuffled, cropped and flipped batches.
//
// It finds data that the user has (official archives, folders, zips and tars of images), downloads what is published,
// and makes synthetic images where there are none. [Register] adds a set of one's own. The package knows nothing of
// models and losses; normalization of the pixels belongs to the compiled graph, this package only says with which
// numbers.
//
// Start with [Open], then [NewLoader]. The work is done in internal packages: filetree lists folders and archives,
// pixels decodes images, mat reads MATLAB's files, fetch downloads, scene draws the synthetic images.
package datasets
