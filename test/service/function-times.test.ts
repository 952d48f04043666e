import { FunctionTimes } from "#internal/service/function-times";
import { describe, expect, test } from "vitest";

interface Node {
  readonly name: string;
  readonly url?: string;
  readonly children?: readonly number[];
}

/** Nodes have their index as id; each sample is a node and how long it lasted, in milliseconds. */
function profile(nodes: readonly Node[], samples: readonly (readonly [id: number, ms: number])[]) {
  const ends = samples.reduce<number[]>((all, [, ms]) => [...all, (all.at(-1) ?? 0) + ms * 1_000], []);
  return {
    nodes: nodes.map(({ name, url = "file:///app/main.js", children = [] }, id) => ({
      id,
      callFrame: {
        functionName: name,
        url,
        lineNumber: url === "" ? -1 : id,
        columnNumber: url === "" ? -1 : 4,
      },
      children,
    })),
    startTime: 0,
    endTime: ends.at(-1) ?? 0,
    samples: samples.map(([id]) => id),
    timeDeltas: [0, ...ends.slice(0, -1)].map((end, at, all) => end - (all[at - 1] ?? 0)),
  };
}

const root = (...children: number[]): Node => ({ name: "(root)", url: "", children });
const place = (function_: string, line: number) => ({
  function: function_,
  file: "/app/main.js",
  line,
  column: 5,
});

describe("FunctionTimes", () => {
  test("a function has its own time, and that of what it called", () => {
    const times = new FunctionTimes();
    times.add(
      profile(
        [root(1), { name: "outer", children: [2] }, { name: "inner" }],
        [
          [1, 10],
          [1, 20],
          [2, 30],
        ],
      ),
    );
    expect(times.longest("total", 9)).toEqual([
      { ...place("outer", 2), selfMs: 30, totalMs: 60 },
      { ...place("inner", 3), selfMs: 30, totalMs: 30 },
    ]);
    expect(times.durationMs).toBe(60);
  });

  test("one that calls itself is counted once", () => {
    const times = new FunctionTimes();
    const again = { name: "again", children: [2] };
    const recursive = profile(
      [root(1), again, { name: "again" }],
      [
        [1, 10],
        [2, 30],
      ],
    );
    const [, , inner] = recursive.nodes;
    inner!.callFrame.lineNumber = 1;
    times.add(recursive);
    expect(times.longest("total", 9)).toEqual([{ ...place("again", 2), selfMs: 40, totalMs: 40 }]);
  });

  test("the first sample is of the profiler's own call: its time goes to the next one", () => {
    const times = new FunctionTimes();
    times.add(
      profile(
        [root(1, 2), { name: "begin" }, { name: "work" }],
        [
          [1, 10],
          [2, 10],
        ],
      ),
    );
    expect(times.longest("self", 9)).toEqual([{ ...place("work", 3), selfMs: 20, totalMs: 20 }]);
  });

  test("what is in no function is told apart", () => {
    const times = new FunctionTimes();
    const [idle, collector, program] = ["(idle)", "(garbage collector)", "(program)"].map((name) => ({
      name,
      url: "",
    }));
    times.add(
      profile(
        [root(1, 2, 3), idle!, collector!, program!],
        [
          [1, 10],
          [1, 10],
          [2, 5],
          [3, 1],
        ],
      ),
    );
    expect(times).toMatchObject({ durationMs: 26, idleMs: 20, garbageCollectionMs: 5 });
    expect(times.longest("total", 9)).toEqual([]);
  });

  test("profiles add up, and only the longest are told", () => {
    const times = new FunctionTimes();
    const nodes = [root(1, 2), { name: "one" }, { name: "two" }];
    times.add(
      profile(nodes, [
        [1, 10],
        [1, 10],
        [2, 5],
      ]),
    );
    times.add(
      profile(nodes, [
        [2, 10],
        [2, 20],
      ]),
    );
    expect(times.longest("self", 1)).toEqual([{ ...place("two", 3), selfMs: 35, totalMs: 35 }]);
  });

  test("the code of a module itself, and functions without a name", () => {
    const times = new FunctionTimes();
    const one = profile(
      [root(1), { name: "", children: [2] }, { name: "" }],
      [
        [1, 10],
        [2, 10],
      ],
    );
    one.nodes[1]!.callFrame.lineNumber = -1;
    times.add(one);
    expect(times.longest("total", 9).map(({ function: name }) => name)).toEqual([
      "(top level)",
      "(anonymous)",
    ]);
  });
});
