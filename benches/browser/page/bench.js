// Runs one workload with one client: `prepare`, then `measure`. `cargo xtask bench --browser` calls both.

import init, { connect } from "./pkg/bench_browser.js";
import { PlainClient } from "./plain.js";
import { install } from "./mock.js";

let session;
let batch;

/** Connects the client, and lets the browser compile what is hot. */
globalThis.prepare = async (job) => {
  if (job.mock) {
    install();
  }
  if (job.client === "javascript") {
    session = await PlainClient.connect(job.url, job.kind, job.size, job.text);
  } else {
    await init();
    session = await connect(job.client, job.url, job.kind, job.size, job.text);
  }
  batch = job.batch;
  await measure(job.warmUp);
};

/** Works for at least so many milliseconds; gives the number of messages and the time they took. */
globalThis.measure = async (milliseconds) => {
  const started = performance.now();
  let messages = 0;
  let took;
  do {
    await session.batch(batch);
    messages += batch;
    took = performance.now() - started;
  } while (took < milliseconds);
  return { messages, milliseconds: took };
};
