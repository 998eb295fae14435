#!/bin/bash
#SBATCH --nodes=4
#SBATCH --ntasks=8
#SBATCH --time=30
# One session over all nodes of the job: sbatch slurm.sh ./my-program ARGUMENTS
set -e
export SHEAF_SESSION=${SHEAF_SESSION:-job$SLURM_JOB_ID}
mkdir -p "$SHEAF_BASE"
launched=$(sheaf session launch -r "$SHEAF_BASE" --launcher srun --coordinators 2)
eval "$launched"
srun --overlap "$@" || status=$?
sheaf session drain
exit ${status:-0}
