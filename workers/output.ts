/**
 * What a worker prints. A pipe takes it in the background, so an answer must not overtake it: who has the answer may end the program, and
 * what has not left by then is lost. And a reader that has gone is no reason to die.
 */
const streams: NodeJS.WriteStream[] = [];

/** Of an actor's thread: main takes it in the background. */
export function watchThreadOutput(): void {
  streams.push(process.stdout, process.stderr);
}

/** Of a child process. Nothing is opened for that: the streams come into being when somebody first uses one. */
export function watchOutput(): void {
  for (const name of ["stdout", "stderr"] as const) {
    const { get, ...rest } = Object.getOwnPropertyDescriptor(process, name) ?? {};
    if (get === undefined) continue;
    let stream: NodeJS.WriteStream | undefined;
    Object.defineProperty(process, name, {
      ...rest,
      get() {
        if (stream === undefined) {
          stream = get.call(process) as NodeJS.WriteStream;
          // EPIPE, mostly. Without a listener it would end the process, and the task with it.
          stream.on("error", () => {});
          streams.push(stream);
        }
        return stream;
      },
    });
    // It may have printed: the console has the stream then, and asks for it no more.
    if (hasPreloads()) void process[name];
  }
}

/** Whether code of the program's may have run before ours. */
function hasPreloads(): boolean {
  const options = [...process.execArgv, ...(process.env["NODE_OPTIONS"] ?? "").split(/\s+/)];
  return options.some((option) =>
    /^(?:-r|--(?:import|require|loader|experimental-loader))(?:=|$)/.test(option),
  );
}

/** Undefined when all has left. Resolves when it has, or when there is nobody to read it. */
export function drained(): Promise<void> | undefined {
  const full = streams.filter(isFull);
  if (full.length === 0) return undefined;
  return Promise.all(full.map(drain)).then(() => drained());
}

function isFull({ writableLength, destroyed }: NodeJS.WriteStream): boolean {
  return writableLength > 0 && !destroyed;
}

function drain(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("close", done);
      resolve();
    };
    stream.once("close", done);
    // Behind what was written before, also when nobody waits for "drain".
    stream.write("", done);
  });
}
