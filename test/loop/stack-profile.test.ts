import { ANONYMOUS, type RawFrame } from "#internal/inspect/frames";
import { StackProfile } from "#internal/loop/stack-profile";
import { describe, expect, test } from "vitest";

const OURS = "/lib/offloop/dist/";
const newProfile = (): StackProfile =>
  new StackProfile(([name, file, line, column]) => ({ function: name, file, line, column }), OURS);

/** A function of /app/app.js that begins at its own line: 10 for `a`, 20 for `b` and so on. */
function frame(name: string, { file = "/app/app.js", line = 5, isAsync = false } = {}): RawFrame {
  const begin = 1_000 + name.charCodeAt(0) * 10;
  return [name, file, begin + line, 7, begin, 1, isAsync];
}
const builtin = (name: string): RawFrame => [name, "", 0, 0, 0, 0, false];
/** As V8 shows a function that has only just been entered: at its parameter list. */
const entered = (name: string): RawFrame => {
  const [, file, , , line, column] = frame(name);
  return [name, file, line, column + "function ".length + name.length, line, column, false];
};

function culpritOf(...samples: RawFrame[][]): string | undefined {
  const profile = newProfile();
  for (const sample of samples) profile.add(sample, false, 10);
  return profile.culprit()?.function;
}

describe("the culprit", () => {
  test("is the innermost function that is always there", () => {
    expect(culpritOf([frame("parse"), frame("handle")], [frame("parse"), frame("handle")])).toBe("parse");
  });

  test("is the caller of those that share the time", () => {
    const samples = ["lex", "bind", "emit"].map((name) => [frame(name), frame("compile"), frame("handle")]);
    expect(culpritOf(...samples)).toBe("compile");
  });

  test("is nobody without a sample", () => {
    expect(newProfile().culprit()).toBeUndefined();
  });

  test("is a function of the user, not the one of a dependency that it calls", () => {
    const dependency = frame("walk", { file: "/app/node_modules/walker/index.js" });
    expect(culpritOf([dependency, frame("handle")])).toBe("handle");
  });

  test("is of a dependency when no function of the user is there", () => {
    const dependency = frame("walk", { file: "/app/node_modules/walker/index.js" });
    expect(culpritOf([dependency, frame("listOnTimeout", { file: "node:internal/timers" })])).toBe("walk");
  });

  test("is never this library, nor Node alone", () => {
    expect(culpritOf([frame("run", { file: `${OURS}src/index.js` })])).toBeUndefined();
    expect(culpritOf([frame("listOnTimeout", { file: "node:internal/timers" })])).toBeUndefined();
  });

  test("is not one that awaits", () => {
    expect(culpritOf([frame("spin"), frame("main", { isAsync: true })])).toBe("spin");
    expect(culpritOf([builtin("exec"), frame("main", { isAsync: true })])).toBeUndefined();
  });

  test("is who sorts, not a comparator without a name", () => {
    expect(culpritOf([frame(ANONYMOUS), builtin("sort"), frame("sortRows")])).toBe("sortRows");
    expect(culpritOf([frame("byRank"), builtin("sort"), frame("sortRows")])).toBe("byRank");
    expect(culpritOf([frame(ANONYMOUS), frame("dispatch")])).toBe(ANONYMOUS);
  });

  test("counts once where it calls itself", () => {
    const profile = newProfile();
    profile.add([frame("fib"), frame("fib"), frame("fib"), frame("handle")], false, 10);
    expect(profile.culprit()).toMatchObject({ function: "fib", share: 1 });
  });

  test("has the line at which the time went", () => {
    const profile = newProfile();
    for (const line of [1, 2, 2]) profile.add([frame("parse", { line })], false, 10);
    const [, , begin] = frame("parse", { line: 2 });
    expect(profile.culprit()).toMatchObject({ line: begin });
  });

  test("is told by time: a sample that a native call held up stands for all of it", () => {
    const profile = newProfile();
    profile.add([frame("parse"), frame("handle")], true, 500);
    for (let n = 0; n < 5; n++) profile.add([frame("log"), frame("handle")], false, 10);
    expect(profile.culprit()).toMatchObject({ function: "parse", share: expect.closeTo(0.91, 2) as number });
  });

  test("names the native call that it is in, when it mostly is", () => {
    const profile = newProfile();
    for (let n = 0; n < 3; n++) profile.add([builtin("test"), frame("match")], false, 10);
    profile.add([frame("match")], false, 10);
    expect(profile.culprit()).toMatchObject({ function: "match", nativeCall: "test" });
    for (let n = 0; n < 9; n++) profile.add([frame("match")], false, 10);
    expect(profile.culprit()).not.toHaveProperty("nativeCall");
  });
});

describe("a sample that is answered after the native call", () => {
  test("does not blame the function that was entered since", () => {
    const profile = newProfile();
    profile.add([entered("log"), frame("handle")], true, 10);
    expect(profile.culprit()).toMatchObject({ function: "handle" });
  });

  test("says nothing when all that is there came later", () => {
    const profile = newProfile();
    profile.add([entered("next")], true, 10);
    profile.add([entered("next"), builtin("map")], true, 10);
    expect(profile.samples).toBe(0);
    expect(profile.culprit()).toBeUndefined();
  });

  test("knows the call of Node's by its own frame", () => {
    const profile = newProfile();
    const own: RawFrame = ["from", "node:buffer", 348, 28, 348, 15, false];
    profile.add([own, frame("pbkdf2Sync", { file: "node:internal/crypto/pbkdf2" }), frame("hash")], true, 10);
    expect(profile.culprit()).toMatchObject({ function: "hash", nativeCall: "pbkdf2Sync" });
  });
});

test("the stack is the one seen most, the hot lines those on top", () => {
  const profile = newProfile();
  for (let n = 0; n < 3; n++) profile.add([frame("parse"), frame("handle")], false, 10);
  profile.add([frame("handle", { line: 9 })], false, 10);
  expect(profile.stack().map((one) => one.function)).toEqual(["parse", "handle"]);
  expect(profile.hot().map(({ frame: one, self, total }) => [one.function, self, total])).toEqual([
    ["parse", 3, 3],
    ["handle", 1, 1],
    ["handle", 0, 3],
  ]);
});
