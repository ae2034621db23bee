package direct

// Epilogue changes results of a convolution in place, right after a task has written them for the last time, while they
// lie in its cache: the channels first to end-1 of the rows firstRow to endRow-1 of y, [rows, Out], which are the
// positions of all images. Each result is given to it once, in any order and by many goroutines. The range of channels
// is a multiple of 8 long, and begins at one, if Out is.
type Epilogue func(firstRow, endRow, first, end int)

// behind is the epilogue of results that lie so many rows behind the first.
func (e Epilogue) behind(rows int) Epilogue {
	if e == nil {
		return nil
	}
	return func(firstRow, endRow, first, end int) { e(rows+firstRow, rows+endRow, first, end) }
}
