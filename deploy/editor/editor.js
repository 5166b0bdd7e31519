// The editor of dialplans: CodeMirror with YAML; what it knows of dialplans it asks of the service.
import { basicSetup } from "codemirror";
import { EditorView, hoverTooltip, keymap } from "@codemirror/view";
import { EditorState } from "@codemirror/state";
import { indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { syntaxHighlighting } from "@codemirror/language";
import { classHighlighter } from "@lezer/highlight";
import { lintGutter, linter } from "@codemirror/lint";
import { autocompletion } from "@codemirror/autocomplete";

/**
 * @param {object} options place: element; text; nonce; check(text), help(text, line, column): promises;
 *   changed(), moved(line): told.
 */
export function editor(options) {
  const problems = linter(async (view) => {
    const text = view.state.doc.toString();
    const found = await options.check(text);
    return found.map((each) => {
      const line = view.state.doc.line(Math.min(Math.max(each.line, 1), view.state.doc.lines));
      const from = Math.min(line.from + each.column - 1, line.to);
      const message = each.hint ? `${each.message} – ${each.hint}` : each.message;
      return { from, to: Math.max(line.to, from), severity: each.severity, message };
    });
  }, { delay: 400 });

  const complete = autocompletion({
    override: [async (context) => {
      const line = context.state.doc.lineAt(context.pos);
      const word = context.matchBefore(/[\w]*$/);
      if (!context.explicit && word.from === word.to) return null;
      const told = await options.help(context.state.doc.toString(), line.number, context.pos - line.from);
      if (!told.options.length) return null;
      return {
        from: word.from,
        validFor: /^\w*$/,
        options: told.options.map((each) => ({
          label: each.text,
          apply: each.kind === "key" ? `${each.text}: ` : each.text,
          type: each.kind === "key" ? "property" : "enum",
          info: each.about || undefined,
        })),
      };
    }],
  });

  const hover = hoverTooltip(async (view, pos) => {
    const line = view.state.doc.lineAt(pos);
    const told = await options.help(view.state.doc.toString(), line.number, pos - line.from);
    if (!told.about) return null;
    return {
      pos: line.from + (line.text.length - line.text.trimStart().length),
      end: line.to,
      above: true,
      create() {
        const dom = document.createElement("div");
        dom.className = "cm-about";
        const name = document.createElement("b");
        name.textContent = told.path.filter((part) => part !== "-").join(" › ");
        dom.append(name, document.createElement("br"), told.about);
        return { dom };
      },
    };
  });

  const view = new EditorView({
    parent: options.place,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        options.nonce ? EditorView.cspNonce.of(options.nonce) : [],
        EditorView.contentAttributes.of({ "aria-label": "Text of the dialplan" }),
        basicSetup, yaml(), syntaxHighlighting(classHighlighter), lintGutter(), problems, complete, hover, keymap.of([indentWithTab]),
        EditorState.readOnly.of(Boolean(options.readOnly)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.changed();
          if (update.docChanged || update.selectionSet) {
            options.moved(update.state.doc.lineAt(update.state.selection.main.head).number);
          }
        }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    goTo(line) {
      const place = view.state.doc.line(Math.min(line, view.state.doc.lines));
      view.dispatch({ selection: { anchor: place.from }, effects: EditorView.scrollIntoView(place.from, { y: "start", yMargin: 20 }) });
      view.focus();
    },
    insert(line, text) {
      const at = view.state.doc.line(Math.min(line, view.state.doc.lines)).to;
      view.dispatch({ changes: { from: at, insert: text }, selection: { anchor: at + text.length } });
    },
  };
}
