import {
  BrokenExecutorError,
  ExecutorClosedError,
  InternalError,
  isOffloopError,
  QueueFullError,
  SerializationError,
  TaskTimeoutError,
  TravelError,
  WorkerLostError,
} from "#internal/core/errors";
import {
  decodeError,
  encodeError,
  encodePlainly,
  type ErrorClass,
  type WireError,
} from "#internal/wire/error-codec";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { oddValues } from "./odd-values.ts";

const nowhere = { where: "worker 1 of threads-1", findClass: () => undefined };

/** There and back, through structured clone. */
function sent<T = Error>(
  thrown: unknown,
  findClass?: (name: string, text: string) => ErrorClass | undefined,
): T {
  const wire = structuredClone(encodeError(thrown));
  return decodeError(wire, findClass ? { ...nowhere, findClass } : nowhere) as T;
}

const fieldsOf = (error: object): object => Object.fromEntries(Object.entries(error));

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return expect.unreachable();
}

describe("built-in classes come back as themselves", () => {
  const classes = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError];
  test.each(classes.map((Class) => [Class.name, Class] as const))("%s", (name, Class) => {
    const error = new Class("what happened");
    const back = sent(error);
    expect(Object.getPrototypeOf(back)).toBe(Class.prototype);
    expect([back.name, back.message, Object.keys(back)]).toEqual([name, "what happened", []]);
    expect(Object.hasOwn(back, "cause")).toBe(false);
  });

  test("the worker's stack stays, and where it was is added", () => {
    const error = new TypeError("no");
    expect(sent(error).stack).toBe(`${error.stack}\n    at worker 1 of threads-1`);
    Object.defineProperty(error, "stack", { value: undefined });
    expect(sent(error).stack).toBe("TypeError: no\n    at worker 1 of threads-1");
  });

  test("DOMException, with its name and code", () => {
    const back = sent<DOMException>(new DOMException("stopped", "AbortError"));
    expect(back).toBeInstanceOf(DOMException);
    expect([back.name, back.message, back.code]).toEqual(["AbortError", "stopped", 20]);
    expect(back.stack).toContain("worker 1 of threads-1");
  });

  test("what Node throws, with its code", () => {
    const error = thrownBy(() => Buffer.alloc("x" as never));
    const back = sent(error);
    expect(back).toBeInstanceOf(TypeError);
    expect(back).toMatchObject({ code: "ERR_INVALID_ARG_TYPE", message: (error as Error).message });
  });

  test("one of another realm", () => {
    const back = sent(runInNewContext("Object.assign(new RangeError('far'), { code: 7 })"));
    expect(back).toBeInstanceOf(RangeError);
    expect(back).toMatchObject({ message: "far", code: 7 });
  });
});

describe("our own errors come back as themselves", () => {
  const loss = { exitCode: 1, signal: null, oom: false };
  const lost = { task: "render", workerId: 3, loss, phase: "running", attempts: 2 } as const;
  const frame = { function: "f", file: "/f.js", line: 1, column: 2 };
  test.each([
    new QueueFullError("threads-1", 5, 5),
    new TaskTimeoutError("render", 500, "running", [frame]),
    new WorkerLostError(lost),
    new BrokenExecutorError("threads-1", new RangeError("why")),
    new ExecutorClosedError("threads-1", true),
    new TravelError("captured", "db", "it is open"),
    new SerializationError("result", "result.fn", "a function"),
    new InternalError("impossible"),
  ])("%s", (error) => {
    const back = sent(error);
    expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(error));
    expect(isOffloopError(back)).toBe(true);
    expect([back.name, back.message]).toEqual([error.name, error.message]);
    expect(fieldsOf(back)).toEqual(fieldsOf(error));
    expect(Object.hasOwn(back, "name")).toBe(false);
  });

  test("their cause with them", () => {
    const back = sent(new BrokenExecutorError("threads-1", new RangeError("why")));
    expect(back.cause).toBeInstanceOf(RangeError);
  });

  test("a class of the user's that extends one is the user's", () => {
    class Overload extends QueueFullError {}
    const error = new Overload("threads-1", 5, 5);
    expect(sent(error, (name) => (name === "Overload" ? Overload : undefined))).toBeInstanceOf(Overload);
  });

  test("a class of the user's with the name of one is not ours", () => {
    const Mine = { QueueFullError: class extends Error {} }.QueueFullError;
    expect(sent(new Mine("mine"))).not.toBeInstanceOf(QueueFullError);
  });
});

describe("classes of the user's", () => {
  class ParseError extends SyntaxError {
    readonly line: number;
    constructor(message: string, line: number) {
      super(message);
      this.line = line;
    }
  }

  test("are looked for by name and source, and are the class itself", () => {
    const asked: [string, string][] = [];
    const back = sent<ParseError>(new ParseError("bad", 7), (...key) => {
      asked.push(key);
      return ParseError;
    });
    expect(asked).toEqual([["ParseError", ParseError.toString()]]);
    expect(Object.getPrototypeOf(back)).toBe(ParseError.prototype);
    expect([back.message, back.line]).toEqual(["bad", 7]);
  });

  test("that are not found leave the name, the fields, and the built-in class below", () => {
    const back = sent<ParseError>(new ParseError("bad", 7));
    expect(back).toBeInstanceOf(SyntaxError);
    expect(back).not.toBeInstanceOf(ParseError);
    expect(back).toMatchObject({ name: "SyntaxError", message: "bad", line: 7 });
    class Named extends Error {
      override name = "Named";
    }
    expect(Object.getPrototypeOf(sent(new Named("n")))).toBe(Error.prototype);
    expect(sent(new Named("n")).name).toBe("Named");
  });

  test("that override toString are found by their real source", () => {
    class Odd extends Error {
      static override toString(): string {
        return "hidden";
      }
    }
    const texts: string[] = [];
    sent(new Odd("a"), (_name, text) => {
      texts.push(text);
      return Odd;
    });
    expect(texts).toEqual([Function.prototype.toString.call(Odd)]);
  });
});

describe("what an error holds", () => {
  test("own fields, of any kind that clones", () => {
    const fields = {
      code: "E",
      status: 404,
      at: new Date(0),
      rows: new Map([[1, [2]]]),
      nothing: undefined,
      big: 1n,
    };
    const back = sent(Object.assign(new Error("a"), fields));
    expect(fieldsOf(back)).toEqual(fields);
  });

  test("a field that does not clone is described, the others are kept", () => {
    const error = Object.assign(new Error("a"), {
      code: 1,
      request: { send: () => {} },
      retry: () => {},
      kind: Symbol("s"),
      later: Promise.resolve(),
    });
    Object.defineProperty(error, "broken", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    expect(fieldsOf(sent(error))).toEqual({
      code: 1,
      request: "[an Object]",
      retry: "[the function retry]",
      kind: "[the symbol Symbol(s)]",
      later: "[a Promise]",
      broken: "[a getter that throws]",
    });
  });

  test("odd field names stay fields", () => {
    const error = Object.defineProperty(new Error("a"), "__proto__", { value: 1, enumerable: true });
    const back = sent(Object.assign(error, { constructor: 2, "a b": 3 }));
    expect(Object.getPrototypeOf(back)).toBe(Error.prototype);
    expect(Object.entries(back)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
      ["a b", 3],
    ]);
  });

  test("causes, of any kind, undefined too", () => {
    const error = new Error("top", { cause: new TypeError("middle", { cause: "bottom" }) });
    const back = sent(error);
    expect(back.cause).toBeInstanceOf(TypeError);
    expect((back.cause as Error).cause).toBe("bottom");
    expect(Object.hasOwn(sent(new Error("a", { cause: undefined })), "cause")).toBe(true);
    expect(sent(new Error("a", { cause: () => {} })).cause).toBeInstanceOf(SerializationError);
    expect(Object.keys(back)).toEqual([]);
  });

  test("of a chain of causes the first nine", () => {
    let error = new Error("0");
    for (let count = 1; count < 20; count++) error = new Error(String(count), { cause: error });
    const messages: string[] = [];
    for (let at: unknown = sent(error); at instanceof Error; at = at.cause) messages.push(at.message);
    expect(messages).toEqual(["19", "18", "17", "16", "15", "14", "13", "12", "11"]);
  });

  test("a cycle of causes ends", () => {
    const [one, two] = [new Error("one"), new TypeError("two")];
    one.cause = two;
    two.cause = one;
    const back = sent(one);
    expect(back.cause).toBeInstanceOf(TypeError);
    expect((back.cause as Error).cause).toMatchObject({ message: "one" });
  });

  test("the errors of an AggregateError, each as itself", () => {
    const back = sent<AggregateError>(
      new AggregateError([new TypeError("a"), "text", new Error("b", { cause: 1 })], "all failed", {
        cause: 5,
      }),
    );
    expect(back).toBeInstanceOf(AggregateError);
    expect([back.message, back.cause]).toEqual(["all failed", 5]);
    const [first, second, third] = back.errors as [Error, string, Error];
    expect(first).toBeInstanceOf(TypeError);
    expect(second).toBe("text");
    expect(third.cause).toBe(1);
    expect(Object.keys(back)).toEqual([]);
  });

  test("no more errors than anybody collects: one that holds itself four times is not a million", () => {
    const error = new AggregateError([], "holds itself");
    error.errors = [error, error, error, error];
    let count = 0;
    const visit = (wire: WireError): void => {
      count++;
      if (wire.kind === "error") for (const inner of wire.errors ?? []) visit(inner);
    };
    visit(encodeError(error));
    expect(count).toBeGreaterThan(100);
    expect(count).toBeLessThan(2_500);
  });

  test("a frozen error and one of a frozen class", () => {
    expect(sent(Object.freeze(Object.assign(new TypeError("a"), { code: 1 })))).toMatchObject({ code: 1 });
  });
});

describe("what is thrown and no error", () => {
  test.each([undefined, null, 0, NaN, "text", 5n, { status: 404 }, [1, 2]])(
    "%o comes back as it is",
    (value) => {
      expect(sent(value)).toEqual(value);
    },
  );

  test("is described when it does not clone", () => {
    const back = sent<SerializationError>({ fn: () => {} });
    expect(back).toBeInstanceOf(SerializationError);
    expect(back).toMatchObject({ direction: "error", path: "the thrown value" });
    expect(sent<SerializationError>(Symbol("why")).message).toContain("Symbol(why)");
  });
});

describe("whatever is thrown, encoding does not throw and what it gives clones", () => {
  test("there are 200 of them", () => expect(oddValues.length).toBeGreaterThanOrEqual(200));

  for (const [name, make] of oddValues) {
    test(name, () => {
      const wire = encodeError(make());
      const copy = structuredClone(wire);
      // A Proxy or a revoked one would break the test's own messages, so nothing here prints it.
      let decoded = false;
      decodeError(copy, nowhere);
      decoded = true;
      structuredClone(encodePlainly(wire));
      decodeError(structuredClone(encodePlainly(wire)), nowhere);
      expect(decoded).toBe(true);
    });
  }
});

describe("as text only", () => {
  test("keeps what text can, and the class where it is built in", () => {
    const error = Object.assign(new RangeError("a", { cause: 1 }), { code: 1 });
    const back = decodeError(encodePlainly(encodeError(error)), nowhere) as RangeError;
    expect(back).toBeInstanceOf(RangeError);
    expect(back.message).toBe("a");
    expect(back.stack).toContain(error.stack);
    expect(Object.keys(back)).toEqual([]);
    expect(Object.hasOwn(back, "cause")).toBe(false);
    class Late extends TypeError {}
    expect(decodeError(encodePlainly(encodeError(new Late("b"))), nowhere)).toBeInstanceOf(TypeError);
  });

  test("describes what is no error", () => {
    const back = decodeError(encodePlainly(encodeError({ a: 1 })), nowhere);
    expect(back).toBeInstanceOf(SerializationError);
  });
});
