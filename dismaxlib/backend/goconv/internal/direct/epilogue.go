package direct

// Epilogue changes results of a convolution in place, right after a task has written them for the last time, while they
// lie in its cache: the channels first to end-1 of the rows firstRow to endRow-1 of y, [rows, Out], which are the
// positions of all images. It gets each result once, in any order, and is called by many goroutines. Where Out is a
// multiple of 8, first and end are too.
type Epilogue func(firstRow, endRow, first, end int)

// behind is the epilogue of results that lie so many rows behind the first.
func (e Epilogue) behind(rows int) Epilogue {
	if e == nil {
		return nil
	}
	return func(firstRow, endRow, first, end int) { e(rows+firstRow, rows+endRow, first, end) }
}
