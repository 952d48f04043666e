/**
 * Watches the event loop of the thread that started it.
 */
import { workerData } from "node:worker_threads";
import type { WatchdogBoot } from "../src/loop/messages.ts";
import { Watchdog } from "../src/loop/watchdog/watchdog.ts";

void new Watchdog(workerData as WatchdogBoot).run();
