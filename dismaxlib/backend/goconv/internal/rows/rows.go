package rows

// Runner calls task(0) to task(tasks-1), in any order, at the same time or not, and returns when all are done.
type Runner func(tasks int, task func(int))

// taskFloats is about how many floats a task copies: 64 KB.
const taskFloats = 16 << 10

// inTasks calls visit for ranges of rows, each of a width in floats, that cover all of them.
func inTasks(rows, width int, run Runner, visit func(first, end int)) {
	perTask := max(1, taskFloats/max(1, width))
	run((rows+perTask-1)/perTask, func(task int) {
		visit(task*perTask, min((task+1)*perTask, rows))
	})
}
