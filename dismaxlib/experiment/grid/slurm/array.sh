#!/bin/bash
# The runs of a grid as a Slurm array, one task for each run. The indices are those that
# `dismax grid list NAME --scale SCALE` shows:
#
#   sbatch --array=0-14 array.sh table2-cifar10 gpu-short /shared/runs --data /shared/images
#
# The program dismax must be on PATH, and the folder of the runs shared by the nodes, with flock working across them.
# A task that is killed or requeued goes on from its checkpoint; one whose run is finished ends at once. Shortly before
# the time limit a task saves a checkpoint and requeues itself.
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
# Where Slurm tracks processes by cgroups its SIGTERM comes to this script alone; and once the script ends, dismax is killed.
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
