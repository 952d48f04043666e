/**
 * Every interleaving of a worker and main over three tasks: each reads and writes the shared cells one at a time, through the
 * functions that both use, while a task is cancelled, another's time is up, what waits is taken back, and the worker dies. In each
 * state every step that either side could take next is taken. Once for a thread, which exchanges a word, and once for a child process,
 * whose words each have one writer.
 */
import { type Cells, claim, CLAIMED, leave, progressOf, SENT, takeBack } from "#internal/wire/claims";
import { begunTo, decide, isMine, type Taken } from "#internal/wire/recalls";
import { describe, expect, test } from "vitest";

type Outcome = "fulfilled" | "cancelled" | "timed out" | "running" | "finished";

type Ended = "cancelled" | "timed out";

/** What main is in the middle of. Between two of its steps only the worker can go on. `seen`: what it has read so far. */
type MainStep =
  | { readonly step: "drain" | "look" | "stop"; readonly ends: number; readonly as: Ended }
  | { readonly step: "take"; readonly ends: number; readonly seen: number[] };

/** Of a protocol, both sides, one load or store at a time. */
interface Protocol {
  /** Undefined: it is not decided yet. */
  claim(state: State, seq: number, seen: number[]): boolean | undefined;
  /** The number of the first call that is main's again, once that is known. */
  takeBack(state: State, end: number, seen: number[]): number | undefined;
  claimed(state: State): number;
}

interface State {
  readonly protocol: keyof typeof PROTOCOLS;
  cells: number[];
  /** Main's own: what it took back last. */
  taken: Taken;
  alive: boolean;
  /** Frames on their way to the worker, or there. */
  frames: number[][];
  /** The call that the worker is about to claim, and what it has read for that. */
  claiming: { seq: number; seen: number[] } | undefined;
  /** The call that the worker has claimed. */
  current: { seq: number; ran: boolean } | undefined;
  /** Results that wait in the worker, whether `sent` has moved for them, and those on their way. */
  results: number[];
  leaving: boolean;
  messages: number[][];
  main: MainStep | undefined;
  /** Which task each number is, since this worker started. */
  taskOf: number[];
  inFlight: number[];
  queue: number[];
  outcomes: (Outcome | undefined)[];
  runs: number[];
  /** Tasks that were ended before they began: they must never run. */
  unbegun: number[];
  left: { cancel: number; timeout: number; take: number; death: number };
}

const TASKS = 3;

function begin(protocol: State["protocol"], left: State["left"]): State {
  const tasks = [...Array(TASKS).keys()];
  return {
    protocol,
    cells: [0, 0, 0, 0, 0],
    taken: { from: 0, end: 0 },
    claiming: undefined,
    alive: true,
    frames: [],
    current: undefined,
    results: [],
    leaving: false,
    messages: [],
    main: undefined,
    taskOf: [],
    inFlight: [],
    queue: tasks,
    outcomes: tasks.map(() => undefined),
    runs: tasks.map(() => 0),
    unbegun: [],
    left,
  };
}

/** What tells one state from another. `JSON.stringify` would take most of the time. */
function keyOf(state: State): string {
  const { claiming, current, main } = state;
  return [
    state.cells,
    [state.taken.from, state.taken.end],
    claiming && [claiming.seq, claiming.seen],
    state.alive,
    state.frames.join(";"),
    current && [current.seq, current.ran],
    state.results,
    state.leaving,
    state.messages.join(";"),
    main && [main.step, main.ends, main.step === "take" ? main.seen : main.as],
    state.taskOf,
    state.inFlight,
    state.queue,
    state.outcomes,
    state.runs,
    state.unbegun,
    Object.values(state.left),
  ].join("|");
}

/** `structuredClone` would take most of the time. */
function copy(state: State): State {
  return {
    ...state,
    cells: state.cells.slice(),
    frames: state.frames.map((frame) => frame.slice()),
    claiming: state.claiming && { ...state.claiming, seen: state.claiming.seen.slice() },
    current: state.current && { ...state.current },
    main: state.main?.step === "take" ? { ...state.main, seen: state.main.seen.slice() } : state.main,
    results: state.results.slice(),
    messages: state.messages.map((message) => message.slice()),
    taskOf: state.taskOf.slice(),
    inFlight: state.inFlight.slice(),
    queue: state.queue.slice(),
    outcomes: state.outcomes.slice(),
    runs: state.runs.slice(),
    unbegun: state.unbegun.slice(),
    left: { ...state.left },
  };
}

function cellsOf({ cells }: State): Cells {
  const exchange = (index: number, value: number): number => {
    const before = cells[index]!;
    cells[index] = value;
    return before;
  };
  return {
    load: (index) => cells[index]!,
    store: (index, value) => void exchange(index, value),
    exchange,
    compareExchange: (index, expected, value) =>
      cells[index] === expected ? exchange(index, value) : cells[index]!,
  };
}

/** Behind `claimed` and `sent`. */
const [RECALLED, TAKEN_FROM, TAKEN_END] = [2, 3, 4] as const;

const PROTOCOLS = {
  "a thread": {
    claim: (state, seq) => claim(cellsOf(state), seq),
    takeBack: (state, end) => takeBack(cellsOf(state), end),
    claimed: ({ cells }) => cells[CLAIMED]!,
  },
  "a process": {
    claim({ cells }, seq, seen) {
      switch (seen.length) {
        case 0:
          seen.push((cells[CLAIMED] = seq + 1));
          return undefined;
        case 1: {
          const recalled = cells[RECALLED]!;
          seen.push(recalled);
          // Of what was taken it has seen nothing yet.
          return isMine(seq, recalled, { from: 0, end: ~recalled });
        }
        case 2:
          seen.push(cells[TAKEN_END]!);
          return undefined;
        default: {
          const [, recalled, end] = seen as [number, number, number];
          seen.length = 1;
          return isMine(seq, recalled, { from: cells[TAKEN_FROM]!, end });
        }
      }
    },
    takeBack(state, end, seen) {
      const { cells, taken } = state;
      switch (seen.length) {
        case 0:
          seen.push((cells[RECALLED] = end));
          return undefined;
        case 1:
          seen.push(cells[CLAIMED]!);
          return undefined;
        case 2:
          seen.push((cells[TAKEN_FROM] = decide(seen[1]!, taken, end).from));
          return undefined;
        default:
          cells[TAKEN_END] = end;
          state.taken = decide(seen[1]!, taken, end);
          return begunTo(seen[1]!, taken);
      }
    },
    claimed: ({ cells, taken }) => begunTo(cells[CLAIMED]!, taken),
  },
} satisfies Record<string, Protocol>;

function settle(state: State, task: number, outcome: Outcome): void {
  if (state.outcomes[task] !== undefined) throw new Error(`task ${task} settled twice`);
  state.outcomes[task] = outcome;
}

const isOpen = (state: State, task: number): boolean => state.outcomes[task] === undefined;
const seqOf = (state: State, task: number): number =>
  state.inFlight.find((seq) => state.taskOf[seq] === task) ?? -1;

function progress(state: State, seq: number): ReturnType<typeof progressOf> {
  const claimed = PROTOCOLS[state.protocol].claimed(state);
  return progressOf(
    { claimed, sent: state.cells[SENT]! },
    seq,
    state.inFlight[state.inFlight.indexOf(seq) + 1],
  );
}

// --- the worker -------------------------------------------------------------------------------------------------

const WORKER: Readonly<Record<string, (state: State) => boolean>> = {
  claim(state) {
    if (!state.alive || state.current !== undefined || state.leaving) return false;
    if (state.claiming === undefined) {
      const frame = state.frames[0];
      if (frame === undefined) return false;
      state.claiming = { seq: frame.shift()!, seen: [] };
      if (frame.length === 0) state.frames.shift();
    }
    const { seq, seen } = state.claiming;
    const mine = PROTOCOLS[state.protocol].claim(state, seq, seen);
    if (mine !== undefined) state.claiming = undefined;
    if (mine === true) state.current = { seq, ran: false };
    return true;
  },
  run(state) {
    if (!state.alive || state.current === undefined || state.current.ran) return false;
    state.current.ran = true;
    state.runs[state.taskOf[state.current.seq]!]!++;
    return true;
  },
  end(state) {
    if (!state.alive || state.current?.ran !== true) return false;
    state.results.push(state.current.seq);
    state.current = undefined;
    return true;
  },
  leave(state) {
    const isBusy = state.current !== undefined || state.claiming !== undefined;
    if (!state.alive || state.leaving || state.results.length === 0 || isBusy) return false;
    leave(cellsOf(state), state.results.at(-1)! + 1);
    state.leaving = true;
    return true;
  },
  post(state) {
    if (!state.alive || !state.leaving) return false;
    state.messages.push(state.results);
    state.results = [];
    state.leaving = false;
    return true;
  },
  die(state) {
    if (!state.alive || state.left.death === 0) return false;
    state.left.death--;
    state.alive = false;
    return true;
  },
};

// --- main -------------------------------------------------------------------------------------------------------

function receive(state: State): void {
  for (const seq of state.messages.shift()!) {
    const task = state.taskOf[seq]!;
    if (state.inFlight.shift() !== seq) throw new Error(`answered out of turn: ${seq}`);
    if (isOpen(state, task)) settle(state, task, "fulfilled");
  }
}

function drain(state: State): void {
  while (state.messages.length > 0) receive(state);
}

/** One step of it. False: there are more. */
function takeAll(state: State, seen: number[]): boolean {
  const first = PROTOCOLS[state.protocol].takeBack(state, state.taskOf.length, seen);
  if (first === undefined) return false;
  const taken = state.inFlight.filter((seq) => seq >= first).map((seq) => state.taskOf[seq]!);
  state.inFlight = state.inFlight.filter((seq) => seq < first);
  state.queue = [...taken.filter((task) => isOpen(state, task)), ...state.queue];
  return true;
}

/** Ends no task. */
const NONE = -1;

/** One step of ending a task, as `Ending` does it. */
function goOn(state: State): boolean {
  const main = state.main!;
  const { ends } = main;
  if (main.step === "take") {
    if (!takeAll(state, main.seen)) return true;
    state.main = undefined;
    if (ends === NONE) return true;
    if (seqOf(state, ends) === -1) state.unbegun.push(ends);
    else state.main = { ends, as: "cancelled", step: "stop" };
    return true;
  }
  state.main = undefined;
  const { as, step } = main;
  if (step === "drain") {
    drain(state);
    state.main = { ends, as, step: "look" };
    return true;
  }
  const seq = seqOf(state, ends);
  if (seq === -1) return true;
  const at = progress(state, seq);
  if (at === "ended" || at === "sent") return true;
  if (step === "look") {
    // A time limit counts running only.
    if (as === "timed out" && at === "waiting") return true;
    if (as === "timed out") mustNotBeOnItsWay(state, seq);
    settle(state, ends, as);
    state.main = { ends, step: "take", seen: [] };
  } else {
    mustNotBeOnItsWay(state, seq);
    state.alive = false;
  }
  return true;
}

function mustNotBeOnItsWay({ messages }: State, seq: number): void {
  if (messages.some((seqs) => seqs.includes(seq))) {
    throw new Error(`ended with its result on the way: ${seq}`);
  }
}

const MAIN: Readonly<Record<string, (state: State) => boolean>> = {
  "receive a result": (state) => {
    if (state.messages.length === 0) return false;
    receive(state);
    return true;
  },
  "take back": (state) => {
    if (state.left.take === 0 || !state.alive || state.inFlight.length === 0) return false;
    state.left.take--;
    state.main = { ends: NONE, step: "take", seen: [] };
    return true;
  },
  /** The worker has gone, and another takes its place. */
  replace: (state) => {
    if (state.alive) return false;
    drain(state);
    const again: number[] = [];
    for (const seq of state.inFlight) {
      const task = state.taskOf[seq]!;
      if (!isOpen(state, task)) continue;
      const at = progress(state, seq);
      if (at === "waiting") again.push(task);
      else settle(state, task, at === "running" ? "running" : "finished");
    }
    const { outcomes, runs, unbegun, left, protocol } = state;
    Object.assign(state, begin(protocol, left), {
      queue: [...again, ...state.queue],
      outcomes,
      runs,
      unbegun,
    });
    return true;
  },
};

/** Frames of any size, at any time. */
function send(size: number): (state: State) => boolean {
  return (state) => {
    if (!state.alive || state.queue.length < size) return false;
    const seqs = state.queue.splice(0, size).map((task) => state.taskOf.push(task) - 1);
    state.inFlight.push(...seqs);
    state.frames.push(seqs);
    return true;
  };
}

function endTask(task: number, as: Ended): (state: State) => boolean {
  const budget = as === "cancelled" ? "cancel" : "timeout";
  return (state) => {
    if (state.left[budget] === 0 || !isOpen(state, task)) return false;
    state.left[budget]--;
    if (state.queue.includes(task)) {
      if (as === "timed out") return false;
      state.queue = state.queue.filter((one) => one !== task);
      settle(state, task, as);
      state.unbegun.push(task);
    } else {
      state.main = { ends: task, as, step: "drain" };
    }
    return true;
  };
}

for (let task = 0; task < TASKS; task++) {
  Object.assign(MAIN, {
    [`send ${task + 1}`]: send(task + 1),
    [`cancel ${task}`]: endTask(task, "cancelled"),
    [`time out ${task}`]: endTask(task, "timed out"),
  });
}

// --- all of it --------------------------------------------------------------------------------------------------

const FREE = Object.entries({ ...WORKER, ...MAIN });
const BUSY = Object.entries({ ...WORKER, "go on": goOn });

function check(state: State, before: State): void {
  for (let task = 0; task < TASKS; task++) {
    if (state.runs[task]! > 1) throw new Error(`task ${task} ran twice`);
    if (state.unbegun.includes(task) && state.runs[task]! > 0) {
      throw new Error(`task ${task} ran after its end`);
    }
    const now = state.outcomes[task];
    if (now === before.outcomes[task]) continue;
    if ((now === "fulfilled" || now === "finished") && state.runs[task] !== 1) {
      throw new Error(`task ${task} is ${now} and did not run`);
    }
  }
  const lost = state.outcomes.filter(
    (outcome, task) => outcome === "running" && before.outcomes[task] !== outcome,
  );
  if (lost.length > 1) throw new Error("a death cost more than the task that ran");
}

interface Explored {
  readonly states: number;
  readonly ends: ReadonlySet<string>;
}

/** The state after that step, or undefined when nobody can take it now. */
function after(state: State, step: (state: State) => boolean): State | undefined {
  const next = copy(state);
  if (!step(next)) return undefined;
  check(next, state);
  return next;
}

function explore(protocol: State["protocol"], left: State["left"]): Explored {
  const first = begin(protocol, left);
  const seen = new Set([keyOf(first)]);
  const open: (readonly [State, readonly string[]])[] = [[first, []]];
  const ends = new Set<string>();
  let trail: readonly string[] = [];
  const visit = (state: State): void => {
    let isEnd = true;
    for (const [name, step] of state.main === undefined ? FREE : BUSY) {
      const before = trail;
      trail = [...before, name];
      const next = after(state, step);
      const key = next && keyOf(next);
      if (next !== undefined) isEnd = false;
      if (next !== undefined && !seen.has(key!)) open.push([next, trail]);
      if (key !== undefined) seen.add(key);
      trail = before;
    }
    if (!isEnd) return;
    if (state.outcomes.includes(undefined)) throw new Error("a task is forgotten");
    ends.add(state.outcomes.join());
  };
  try {
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      trail = next[1];
      visit(next[0]);
    }
  } catch (error) {
    throw new Error(trail.join(", "), { cause: error });
  }
  return { states: seen.size, ends };
}

describe.each(Object.keys(PROTOCOLS) as State["protocol"][])("calls at %s", (protocol) => {
  test.each([
    ["nothing goes wrong", { cancel: 0, timeout: 0, take: 2, death: 0 }, ["fulfilled"]],
    ["a task is cancelled", { cancel: 1, timeout: 0, take: 1, death: 0 }, ["cancelled", "finished"]],
    ["a time is up", { cancel: 0, timeout: 1, take: 1, death: 0 }, ["timed out", "finished"]],
    ["the worker dies", { cancel: 0, timeout: 0, take: 1, death: 1 }, ["running", "finished"]],
    [
      "all of that happens",
      { cancel: 1, timeout: 1, take: 0, death: 1 },
      ["cancelled", "timed out", "running"],
    ],
  ] as const)("run once at the most, and settle once, when %s", { timeout: 120_000 }, (_, left, seen) => {
    const { states, ends } = explore(protocol, left);
    const outcomes = [...ends].join();
    for (const outcome of seen) expect(outcomes).toContain(outcome);
    if (left.cancel + left.timeout + left.death === 0) {
      expect([...ends]).toEqual(["fulfilled,fulfilled,fulfilled"]);
    }
    expect(states).toBeGreaterThan(100);
  });
});
