package scene

// Figure is what all images of a synthetic class share.
type Figure struct {
	Name    string // "striped disc"
	outline outline
	texture texture
}

// Figures are the classes that are learned.
var Figures = []Figure{
	{"plain disc", disc, plainTexture},
	{"striped disc", disc, stripedTexture},
	{"plain square", square, plainTexture},
	{"striped square", square, stripedTexture},
	{"plain triangle", triangle, plainTexture},
	{"dotted triangle", triangle, dottedTexture},
	{"plain ring", ring, plainTexture},
	{"dotted ring", ring, dottedTexture},
	{"striped cross", cross, stripedTexture},
	{"dotted cross", cross, dottedTexture},
}

// UnseenFigures are none of those classes, though alike.
var UnseenFigures = []Figure{
	{"plain star", star, plainTexture},
	{"striped star", star, stripedTexture},
	{"dotted crescent", crescent, dottedTexture},
	{"plain crescent", crescent, plainTexture},
	{"striped hourglass", hourglass, stripedTexture},
	{"dotted hourglass", hourglass, dottedTexture},
	{"plain corner", corner, plainTexture},
	{"striped corner", corner, stripedTexture},
	{"plain bars", bars, plainTexture},
	{"dotted bars", bars, dottedTexture},
}
