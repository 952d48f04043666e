import type { Row } from "../table.ts";
import { aborts } from "./aborts.ts";
import { actors } from "./actors.ts";
import { again } from "./again.ts";
import { channel } from "./channel.ts";
import { data } from "./data.ts";
import { deaths } from "./exits.ts";
import { errors } from "./errors.ts";
import { limits } from "./limits.ts";
import { mainCalls } from "./main-calls.ts";
import { maps } from "./maps.ts";
import { memory } from "./memory.ts";
import { nested } from "./nested.ts";
import { programs } from "./programs.ts";
import { progress } from "./progress.ts";
import { shutdown } from "./shutdown.ts";
import { starts } from "./starts.ts";
import { streams } from "./streams.ts";
import { stuck } from "./stuck.ts";

export const rows: readonly Row[] = [
  ...errors,
  ...data,
  ...deaths,
  ...limits,
  ...aborts,
  ...starts,
  ...shutdown,
  ...programs,
  ...channel,
  ...nested,
  ...streams,
  ...maps,
  ...actors,
  ...mainCalls,
  ...progress,
  ...memory,
  ...stuck,
  ...again,
];
