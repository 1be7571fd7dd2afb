//! Joins the dashboard's modules: a browser takes its time for each file, however small, so a page
//! is served in two or three. Each module becomes a function that returns what it exports, in an
//! order in which a browser could have run them. No name is changed, so none need be unique.

use std::collections::{BTreeMap, BTreeSet};

/// Scripts by name.
pub type Scripts = BTreeMap<String, String>;

/// The files to serve: `early` as it is; `entry` with all that it cannot run without; and each
/// module that is imported lazily, with what only it needs. What two of those need is in `entry`.
///
/// # Errors
/// Says which modules cannot be joined, and why.
pub fn join(scripts: &Scripts, entry: &str, early: &str) -> Result<Scripts, String> {
    let mut modules = BTreeMap::new();
    for (name, text) in scripts.iter().filter(|(name, _)| *name != early) {
        modules.insert(name.clone(), Module::read(name, text)?);
    }
    let dashboard = Dashboard { modules, entry, early };
    let at_once = dashboard.closure([entry])?;
    let lazy = dashboard.lazy(&at_once)?;
    let core = dashboard.core(&shared(&lazy, &at_once)?)?;
    let mut files = Scripts::new();
    for (name, needed) in &lazy {
        let own: Vec<_> = needed.iter().filter(|name| !core.contains(name)).cloned().collect();
        files.insert(name.clone(), dashboard.file(&own));
    }
    let given: BTreeSet<_> = lazy.values().flatten().filter(|name| core.contains(name)).collect();
    let given = list(given.into_iter().map(|name| identifier(name)));
    files.insert(entry.to_owned(), dashboard.file(&core) + &format!("export {{ {given} }};\n"));
    files.extend(scripts.get(early).map(|text| (early.to_owned(), text.clone())));
    let reached: BTreeSet<_> = lazy.into_values().flatten().chain(core).collect();
    match dashboard.modules.into_keys().find(|name| !reached.contains(name)) {
        Some(name) => Err(format!("{name} is imported by nobody")),
        None => Ok(files),
    }
}

/// What two or more of the lazy modules need.
fn shared(lazy: &BTreeMap<String, Vec<String>>, at_once: &[String]) -> Result<Vec<String>, String> {
    let (mut once, mut shared) = (BTreeSet::new(), BTreeSet::new());
    for name in lazy.values().flatten().filter(|name| !at_once.contains(name)) {
        if !once.insert(name) {
            shared.insert(name.clone());
        }
    }
    match shared.iter().find(|name| lazy.contains_key(*name)) {
        Some(name) => Err(format!("{name} is imported lazily here and at once there")),
        None => Ok(shared.into_iter().collect()),
    }
}

struct Dashboard<'a> {
    modules: BTreeMap<String, Module>,
    entry: &'a str,
    early: &'a str,
}

impl Dashboard<'_> {
    /// These modules and all that they cannot run without, each behind what it needs.
    fn closure<'a>(&self, roots: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for root in roots {
            self.visit(root, &mut Vec::new(), &mut found)?;
        }
        Ok(found)
    }

    fn visit(
        &self,
        name: &str,
        path: &mut Vec<String>,
        found: &mut Vec<String>,
    ) -> Result<(), String> {
        if name == self.early || found.iter().any(|each| each == name) {
            return Ok(());
        }
        let again = path.iter().any(|each| each == name);
        path.push(name.to_owned());
        if again {
            return Err(format!(
                "modules that need each other have no order: {}",
                path.join(" > ")
            ));
        }
        let Some(module) = self.modules.get(name) else {
            return Err(format!("there is no such module: {}", path.join(" > ")));
        };
        for import in &module.imports {
            self.visit(&import.from, path, found)?;
        }
        path.pop();
        found.push(name.to_owned());
        Ok(())
    }

    /// What every page begins with; the entry last, since it begins.
    fn core(&self, shared: &[String]) -> Result<Vec<String>, String> {
        let imports = self.modules[self.entry].imports.iter().map(|import| &import.from);
        self.closure(imports.chain(shared).map(String::as_str).chain([self.entry]))
    }

    /// What is imported lazily, each with all that it cannot run without.
    fn lazy(&self, at_once: &[String]) -> Result<BTreeMap<String, Vec<String>>, String> {
        let mut lazy = BTreeMap::new();
        for (name, module) in &self.modules {
            for part in &module.lazily {
                if part == self.early || at_once.contains(part) {
                    return Err(format!("{name} imports {part} lazily, which is there at once"));
                }
                lazy.insert(part.clone(), self.closure([part.as_str()])?);
            }
        }
        Ok(lazy)
    }

    /// Modules in their order: the last as it is, those before it as functions.
    fn file(&self, members: &[String]) -> String {
        let imports = members.iter().flat_map(|name| &self.modules[name].imports);
        let needed: BTreeSet<_> = imports.map(|import| &import.from).collect();
        let mut text = String::new();
        if needed.iter().any(|name| *name == self.early) {
            text += &format!("import * as {} from './{}';\n", identifier(self.early), self.early);
        }
        let outside =
            needed.into_iter().filter(|name| *name != self.early && !members.contains(name));
        let outside = list(outside.map(|name| identifier(name)));
        if !outside.is_empty() {
            text += &format!("import {{ {outside} }} from './{}';\n", self.entry);
        }
        if let Some((last, others)) = members.split_last() {
            text.extend(others.iter().map(|name| self.modules[name].as_function(name)));
            text += &format!("// {last}\n{}", self.modules[last].body());
        }
        text
    }
}

/// What a module takes from another: the names as they are written, in braces or not.
struct Import {
    names: String,
    from: String,
}

struct Module {
    imports: Vec<Import>,
    exports: Vec<String>,
    lazily: Vec<String>,
    /// All lines but the imports.
    code: String,
}

impl Module {
    fn read(name: &str, text: &str) -> Result<Self, String> {
        let (mut imports, mut exports, mut code) = (Vec::new(), Vec::new(), String::new());
        for line in text.lines() {
            let refused = || format!("{name} says what cannot be joined: {line}");
            if line.contains("_js") {
                return Err(refused() + ", names with _js are made by joining");
            }
            if line.starts_with("import ") {
                imports.push(import(line).ok_or_else(refused)?);
                continue;
            }
            if line.starts_with("export ") {
                exports.push(exported(line).ok_or_else(refused)?);
            }
            code.extend([line, "\n"]);
        }
        let lazily = code.split("import(").skip(1).map(lazily_imported).collect::<Option<_>>();
        let lazily =
            lazily.ok_or_else(|| format!("{name} imports lazily what it does not name"))?;
        Ok(Self { imports, exports, lazily, code })
    }

    fn body(&self) -> String {
        let taken = |each: &Import| format!("const {} = {};\n", each.names, identifier(&each.from));
        self.imports.iter().map(taken).collect::<String>() + &self.code
    }

    fn as_function(&self, name: &str) -> String {
        let body = self.body();
        let body = body.lines().map(|line| line.strip_prefix("export ").unwrap_or(line));
        let body: String = body.flat_map(|line| [line, "\n"]).collect();
        let (own, given) = (identifier(name), list(&self.exports));
        format!("// {name}\nconst {own} = (() => {{\n{body}return {{ {given} }};\n}})();\n")
    }
}

/// Names of a module, or all of it; nothing is renamed on the way.
fn import(line: &str) -> Option<Import> {
    let (what, from) = line.strip_prefix("import ")?.strip_suffix("';")?.split_once(" from './")?;
    let names = match what.strip_prefix("* as ") {
        Some(name) => name,
        None => Some(what).filter(|what| what.starts_with('{') && !what.contains(" as "))?,
    };
    Some(Import { names: names.to_owned(), from: from.to_owned() })
}

/// The name of something that stays what it is: an `export let` would have to be followed.
fn exported(line: &str) -> Option<String> {
    let kinds = ["async function ", "function ", "class ", "const "];
    let what = line.strip_prefix("export ")?;
    let name = kinds.iter().find_map(|kind| what.strip_prefix(kind))?;
    let end = name.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    Some(name[..end].to_owned()).filter(|name| !name.is_empty())
}

fn lazily_imported(rest: &str) -> Option<String> {
    Some(rest.strip_prefix("'./")?.split_once("')")?.0.to_owned())
}

fn identifier(name: &str) -> String {
    name.replace(['-', '.'], "_")
}

fn list(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    names.into_iter().map(|name| name.as_ref().to_owned()).collect::<Vec<_>>().join(", ")
}
