// Runs golden_cases.json, in Node.js and in the page; returns what came out otherwise.

export function wrongCases(TextAssembler, golden) {
  const wrong = [];
  for (const { name, options, steps } of golden.cases) {
    const assembler = new TextAssembler(options);
    for (const [label, score, timeMs, ...expected] of steps) {
      if (timeMs === undefined) {
        assembler.clear();
        if (assembler.text !== '') wrong.push(name);
        continue;
      }
      const { vote, event, text } = assembler.push(label, score ?? NaN, timeMs);
      if (JSON.stringify([vote, event, text]) !== JSON.stringify(expected)) wrong.push([name, timeMs, vote, event, text]);
    }
  }
  const isRefused = (action) => {
    try {
      action();
    } catch (error) {
      return error instanceof RangeError;
    }
    return false;
  };
  for (const options of golden.refused.options) {
    if (!isRefused(() => new TextAssembler(options))) wrong.push(options);
  }
  for (const timeMs of golden.refused.times_ms) {
    if (!isRefused(() => new TextAssembler().push('A', 1, timeMs))) wrong.push(timeMs);
  }
  return wrong;
}
