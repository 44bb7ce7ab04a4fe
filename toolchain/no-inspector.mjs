/**
 * Import this first. SIGUSR1 makes Node open its inspector, through which whoever reaches the port runs code in the
 * process; with a listener of our own it does nothing. `--disable-sigusr1` alone would let the signal end the process,
 * and cannot be given to a process that runs already.
 */
process.on("SIGUSR1", () => {});
