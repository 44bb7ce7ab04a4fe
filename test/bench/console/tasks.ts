/** What keeps a page from answering: the tasks of its main thread, out of a trace of Chromium. */

export interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds, and those of them on a core. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: unknown };
}

/** Milliseconds. */
export interface Tasks {
  /** From beginning to end. */
  readonly longest: number;
  /** On a core: on a busy machine a task of ten milliseconds waits a hundred for its turn. */
  readonly longestCpu: number;
}

export const traceCategory = "disabled-by-default-devtools.timeline";
export const noTasks: Tasks = { longest: 0, longestCpu: 0 };

export const longer = (one: Tasks, other: Tasks): Tasks => ({
  longest: Math.max(one.longest, other.longest),
  longestCpu: Math.max(one.longestCpu, other.longestCpu),
});

/** @param renderer process id @returns the longest of its main thread, whose id is the process's */
export const tasksIn = (events: readonly TraceEvent[], renderer: number): Tasks =>
  events
    .filter(({ name, pid, tid }) => name === "RunTask" && pid === renderer && tid === renderer)
    .map(({ dur = 0, tdur = 0 }) => ({ longest: dur / 1000, longestCpu: tdur / 1000 }))
    .reduce(longer, noTasks);
