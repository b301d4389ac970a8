const WRAPPER = /^var [\w$]+ = __(?:commonJS|esm)\(\{$/;
const MODULE = /^ {2}("[^"]+")\(([\w$, ]*)\) \{$/;

/**
 * Marks the wrappers that esbuild puts around modules as functions that will be called, by parentheses, which is
 * what V8 goes by. Else it compiles them only when they run, after Node has filled its compile cache, and each
 * cold start compiles every module again: a quarter of the time. Expects output that is not minified.
 */
export function callsExpected(code: string): string {
  const lines = code.split('\n');
  let inside = false;
  for (const [index, line] of lines.entries()) {
    const [, path, parameters] = MODULE.exec(line) ?? [];
    if (path !== undefined && WRAPPER.test(lines[index - 1] ?? '')) {
      lines[index] = `  ${path}: (function(${parameters}) {`;
      inside = true;
    } else if (inside && line === '  }' && lines[index + 1] === '});') {
      lines[index] = '  })';
      inside = false;
    }
  }
  return lines.join('\n');
}
