// Server-sent events read from a fetch, which, unlike an EventSource, can POST and say its language.

/** Yield `{event, data, id}` of a response, data as text, until it ends. */
export async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value.replaceAll("\r\n", "\n");
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = parsed(block);
      if (event.data !== null) yield event;
    }
  }
}

function parsed(block) {
  const event = { event: "message", data: null, id: null };
  for (const line of block.split("\n")) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === "data") event.data = event.data === null ? value : `${event.data}\n${value}`;
    else if (name === "event" || name === "id") event[name] = value;
  }
  return event;
}
