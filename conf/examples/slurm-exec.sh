#!/bin/bash
#SBATCH --nodes=4
#SBATCH --ntasks=8
#SBATCH --time=30
# A program that knows nothing of Sheaf: what each task prints, and the files that it leaves in a
# directory of its own, become entries. sbatch slurm-exec.sh /path/to/my-program ARGUMENTS
set -e
export SHEAF_SESSION=${SHEAF_SESSION:-job$SLURM_JOB_ID}
mkdir -p "$SHEAF_BASE"
launched=$(sheaf session launch -r "$SHEAF_BASE" --launcher srun --coordinators 2)
eval "$launched"
srun --overlap sh -c 'd=$(mktemp -d) && cd "$d" && exec sheaf exec \
  --stdout "logs.zip/%j/%t.out" --stderr "logs.zip/%j/%t.err" \
  --collect "**" --into "results.zip/%j/%t/" -- "$@"' sh "$@" || status=$?
sheaf session drain
exit ${status:-0}
