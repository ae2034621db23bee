// Package grid runs grids of experiments: a named list of specs, at a scale that fits the machine, on one process or
// on many.
//
// A [Grid] comes with this package (see [Names] and the files in grids/) or from a JSON file of the user's; a [Scale]
// fills in sizes and lengths; [Grid.Runs] lists the runs and [Execute] does them. Start reading with grid.go.
//
// Each run has a folder of its own, named after its spec, so that grids which share a spec share its run. A run is
// taken by locking a file in its folder with flock(2): processes and machines that share the folder never do the same
// run twice at the same time, and the lock of a process that dies is free at once. A shared file system must therefore
// support flock across machines: NFS version 4 does (version 3 with its lock daemon, and neither with the mount option
// nolock or local_lock=flock), Lustre does with the mount option flock, SMB as the server allows it. A machine that drops
// off an NFS keeps its locks until the server's lease ends, a minute or two.
//
// An array job does one run for each task, by its index: slurm/array.sh and kubernetes/job.yaml are templates for that.
package grid
