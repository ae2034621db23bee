#!/bin/bash
# The runs of a grid as a Slurm array, one task for each run. The indices are those that
# `dismax grid list NAME --scale SCALE` shows:
#
#   sbatch --array=0-14 array.sh table2-cifar10 gpu-short /shared/runs --data /shared/images
#
# The program dismax must be on PATH, and the folder of the runs shared by the nodes, with flock working across them.
# A task that is requeued, or submitted again after it failed or was cancelled, goes on from its checkpoint; one whose
# run is finished ends at once. Shortly before the time limit a task saves a checkpoint and requeues itself. The signal
# for that may come a minute early, so let the limit be five minutes or more. A task that is preempted saves one too, in
# the time that Slurm grants it (GraceTime, KillWait). One that fails, as for want of memory, is not requeued.
#
# Tried with Slurm 22.05 on one machine, with runs of seconds to minutes: whole arrays, tasks requeued by hand, at the
# time limit, and after their run was killed or they were cancelled. The records said the same as without Slurm. Several
# nodes, GPUs and preemption by other jobs were not tried. tests/slurm/try.sh repeats the most of it.
#
#SBATCH --job-name=dismax
#SBATCH --output=%x-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
##SBATCH --gres=gpu:1

if [ $# -lt 3 ] || [ -z "$SLURM_ARRAY_TASK_ID" ]; then
	echo "usage: sbatch --array=0-LAST $0 GRID SCALE FOLDER [flags of dismax grid run]" >&2
	exit 2
fi

dismax grid run "$1" --scale "$2" --out "$3" --index "$SLURM_ARRAY_TASK_ID" "${@:4}" &
run=$!
out_of_time=false
trap 'out_of_time=true; kill -TERM "$run"' USR1
# Where Slurm tracks processes by cgroups it sends SIGTERM to this script alone, and kills dismax when the script ends.
trap 'kill -TERM "$run" 2>/dev/null' TERM

wait "$run"
status=$?
while kill -0 "$run" 2>/dev/null; do # the signal ended the wait, not the run
	wait "$run"
	status=$?
done
if $out_of_time && [ "$status" -eq 143 ]; then # ended by SIGTERM, with a checkpoint
	scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
fi
exit "$status"
