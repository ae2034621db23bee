#!/bin/bash
# Tries the grid's array script with a real Slurm, a cluster of this one machine: tests/slurm/try.sh, as root, where
# slurmctld, slurmd and munged are installed (Debian: apt-get install slurm-wlm munge). It needs no accounts and leaves
# nothing behind.
#
# Two runs are done without Slurm, then as an array in which one task is requeued in its midst, as by a preemption, and
# the other asked to stop, as before the time limit. Both must save a checkpoint and go on, and the records must say the
# same. It takes a few minutes.
#
# TRACK names how Slurm tracks processes: linuxproc, or cgroup where a cgroup v1 freezer is
# mounted; of that an empty cgroup stays.
set -euo pipefail
cd "$(dirname "$0")/../.."
for tool in munged slurmctld slurmd sbatch; do
	type -P "$tool" >/dev/null || { echo "skipped: missing tool: $tool"; exit 0; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: not root"; exit 0; }

at=$(mktemp -d)
name=$(hostname -s)
export SLURM_CONF=$at/slurm.conf PATH=$at:$PATH
end() {
	scancel --name=dismax 2>/dev/null && sleep 2
	for daemon in slurmd slurmctld munged; do
		[ ! -f "$at/$daemon.pid" ] || kill "$(cat "$at/$daemon.pid")" || true
	done
	sleep 2
	rm -rf "$at"
}
trap end EXIT

go build -o "$at/dismax" ./dismaxlib/cmd/dismax
cat >"$SLURM_CONF" <<END
ClusterName=try
SlurmctldHost=$name(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthInfo=socket=$at/munge,cred_expire=5
StateSaveLocation=$at/state
SlurmdSpoolDir=$at/spool
SlurmctldPidFile=$at/slurmctld.pid
SlurmdPidFile=$at/slurmd.pid
SlurmctldLogFile=$at/slurmctld.log
SlurmdLogFile=$at/slurmd.log
ProctrackType=proctrack/${TRACK:-linuxproc}
TaskPlugin=task/none
SelectType=select/cons_tres
JobRequeue=1
NodeName=$name NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES
END
echo "CgroupPlugin=cgroup/v1" >"$at/cgroup.conf"
mkdir "$at/state" "$at/spool"
(umask 077 && head -c 128 /dev/urandom >"$at/key")
munged --force --key-file="$at/key" --socket="$at/munge" --pid-file="$at/munged.pid" --log-file="$at/munged.log" \
	--seed-file="$at/seed"
slurmctld
slurmd
sinfo --version

cat >"$at/two.json" <<'END'
{"runs": [{"dataset": "synthetic", "model": "resnet8", "loss": ["softmax", "dismax"], "seed": 1, "epochs": 3,
	"train_limit": 3200, "test_limit": 60, "batch_size": 32}]}
END
dismax grid run "$at/two.json" --scale smoke --out "$at/plain" --offline --quiet
job=$(sbatch --parsable --chdir="$at" --array=0-1 dismaxlib/experiment/grid/slurm/array.sh \
	two.json smoke runs --offline)
after_an_epoch() { # of task $1, the command
	until grep -q "^epoch   1" "$at/dismax-${job}_$1.log" 2>/dev/null; do
		[ -n "$(squeue --noheader)" ] || { cat "$at"/dismax-*.log "$at/slurmd.log" >&2; return 1; }
		sleep 0.2
	done
	"${@:2}"
}
after_an_epoch 0 scontrol requeue "${job}_0" &
after_an_epoch 1 scancel --batch --signal=USR1 "${job}_1"
wait "$!"
while [ -n "$(squeue --noheader)" ]; do sleep 1; done
cat "$at"/dismax-"${job}"_*.log >"$at/log"
grep -E "stopped after|going on|: done" "$at/log"
[ "$(grep -c "stopped after" "$at/log")" = 2 ] || { echo "a run was killed before it saved a checkpoint" >&2; exit 1; }

dismax verify --quiet "$at/runs"
said() { # of a record, without times and its own checksum
	grep -vE '^ "sha256"|"(created|seconds|images_per_second|[a-z]+_seconds|inference_images_per_second|count)"' "$1"
}
for record in "$at"/plain/*/record.json; do
	diff <(said "$record") <(said "$at/runs${record#"$at/plain"}") | grep '^[<>]' || true # "resumed" differs
done >"$at/differences"
if [ "$(grep -c '^> *"resumed": 1' "$at/differences")" != 2 ] || [ "$(wc -l <"$at/differences")" != 4 ]; then
	echo "the records differ, or a run did not go on once:" >&2
	head "$at/differences" >&2
	exit 1
fi
echo "Both runs went on, and their records are those of the runs without Slurm."
