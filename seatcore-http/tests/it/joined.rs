//! The dashboard's modules as they are joined when this crate is built: in an order that works, and
//! loudly not at all where the meaning would change.

#[path = "../../build/join.rs"]
mod join;

use join::{Scripts, join};

fn scripts(modules: &[(&str, &str)]) -> Scripts {
    modules.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn joined(modules: &[(&str, &str)]) -> Result<Scripts, String> {
    join(&scripts(modules), "app.js", "early.js")
}

#[test]
fn modules_run_behind_what_they_need_and_lazy_ones_are_files_of_their_own() {
    let files = joined(&[
        ("early.js", "export const sent = 1;\n"),
        (
            "app.js",
            "import { el } from './dom.js';\nel();\nimport('./desk-log.js');\nimport('./desk.js');\n",
        ),
        ("dom.js", "import { sent } from './early.js';\nexport function el() {\nreturn sent;\n}\n"),
        (
            "desk.js",
            "import * as table from './table.js';\nimport { card } from './seat-card.js';\nexport const view = table.rows + card;\n",
        ),
        ("desk-log.js", "import * as table from './table.js';\nexport const view = table.rows;\n"),
        ("seat-card.js", "import { el } from './dom.js';\nexport const card = el();\n"),
        ("table.js", "export const rows = 3;\n"),
    ]);
    let app = "import * as early_js from './early.js';
// dom.js
const dom_js = (() => {
const { sent } = early_js;
function el() {
return sent;
}
return { el };
})();
// table.js
const table_js = (() => {
const rows = 3;
return { rows };
})();
// app.js
const { el } = dom_js;
el();
import('./desk-log.js');
import('./desk.js');
export { dom_js, table_js };
";
    let desk = "import { dom_js, table_js } from './app.js';
// seat-card.js
const seat_card_js = (() => {
const { el } = dom_js;
const card = el();
return { card };
})();
// desk.js
const table = table_js;
const { card } = seat_card_js;
export const view = table.rows + card;
";
    let log = "import { table_js } from './app.js';
// desk-log.js
const table = table_js;
export const view = table.rows;
";
    let early = "export const sent = 1;\n";
    let wanted = [("app.js", app), ("desk.js", desk), ("desk-log.js", log), ("early.js", early)];
    assert_eq!(files, Ok(scripts(&wanted)));
}

#[test]
fn what_cannot_be_joined_is_named() {
    for (app, other, words) in [
        ("import { a } from './b.js';", "import { b } from './app.js';", "app.js > b.js > app.js"),
        ("import { a } from './c.js';", "", "no such module: app.js > c.js"),
        ("import { a as z } from './b.js';", "export const a = 1;", "app.js says"),
        ("import a from './b.js';", "", "app.js says"),
        ("import './b.js';", "", "app.js says"),
        ("import * as b from './b.js';", "export let a = 1;", "b.js says"),
        ("import * as b from './b.js';", "export default 1;", "b.js says"),
        ("import * as b from './b.js';", "const app_js = 1;", "names with _js"),
        ("import(name);", "", "app.js imports lazily"),
        ("import * as b from './b.js';\nimport('./b.js');", "", "app.js imports b.js lazily"),
        ("", "", "b.js is imported by nobody"),
    ] {
        let said = joined(&[("app.js", app), ("b.js", other)]).expect_err(words);
        assert!(said.contains(words), "{app} / {other}: {said}");
    }
    let twice = [
        ("app.js", "import('./a.js');\nimport('./b.js');"),
        ("a.js", "import * as b from './b.js';"),
        ("b.js", ""),
    ];
    assert_eq!(joined(&twice), Err("b.js is imported lazily here and at once there".to_owned()));
}
