//! Users and keys.

use crate::desk::{Desk, text};
use serde_json::json;

fn seeded_with(stdin: &'static str) -> Desk {
    let mut desk = Desk::seeded();
    desk.stdin = stdin;
    desk
}

#[test]
fn a_person_from_first_to_last() {
    let mut desk = seeded_with("open sesame\n");
    let added = desk.json("users add Ada --role staff --password-stdin");
    assert_eq!((text(&added["name"]), text(&added["role"])), ("Ada".into(), "staff".into()));
    assert_eq!(desk.json("users show aDA"), added);
    desk.run("users show ada").done().says("holder\tuser:2");
    let role = desk.run("users role ada manager").done();
    role.says("manager");
    assert!(role.err.contains("to undo this: seatcore users role ada staff"), "{}", role.err);
    for end in ["disable ada", "remove ada --yes", "role ada customer"] {
        let refused = desk.run(&format!("users {end} --json")).exits(5).problem();
        assert_eq!(refused["code"], json!("last_manager"), "{end}");
    }
    desk.run("users add mia --role manager --password-stdin").done();
    let disabled = desk.run("users disable ada").done();
    disabled.says("may sign in\tno");
    assert!(disabled.err.contains("to undo this: seatcore users enable ada"));
    assert_eq!(desk.json("users enable ada")["disabled"], json!(false));
    desk.stdin = "another one\n";
    desk.run("users password ada --password-stdin").done();
    desk.run("users passwd ada --password-stdin").done();
    desk.stdin = "password\n";
    let common = desk.run("users password ada --password-stdin --json").exits(2).problem();
    assert_eq!(common["errors"][0], json!({"field": "password", "detail": "is too common"}));
    desk.stdin = "short\n";
    desk.run("users password ada --password-stdin").exits(2);
    assert!(desk.run("users remove ada").exits(2).err.contains("--yes"));
    assert_eq!(desk.json("users remove ada --yes"), json!({"removed": 2}));
    for gone in ["show", "disable", "enable", "remove", "password --password-stdin"] {
        desk.run(&format!("users {gone} ada --yes")).exits(3);
    }
    assert_eq!(desk.json("users list")["data"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_password_is_never_an_argument() {
    let desk = seeded_with("");
    for line in [
        "users add ada sesame",
        "users add ada --password sesame",
        "users password demo_user_123 sesame",
        "createsuperuser ada --password=sesame",
    ] {
        desk.run(line).exits(2);
    }
    assert!(desk.run("users password demo_user_123").exits(2).err.contains("--password-stdin"));
}

#[test]
fn a_key_is_shown_once() {
    let desk = Desk::seeded();
    let minted = desk.json("keys create till~3 --scope sell --scope read");
    let (id, key) = (text(&minted["id"]), text(&minted["secret"]));
    assert!(key.starts_with(&format!("sck_{id}_")) && key.len() == 65, "{key}");
    assert_eq!(minted["scopes"], json!(["read", "sell"]));
    assert_eq!(minted["revoked_at"], json!(null));
    let listed = desk.run("keys list --json").done();
    assert!(!listed.out.contains(&key[13..]) && listed.out.contains(&id));
    let told = desk.run("keys create reports --scope manage").done();
    told.says("key\tsck_");
    assert!(told.err.contains("not shown again") && !told.err.contains("sck_"), "{}", told.err);
    assert!(desk.run(&format!("keys revoke {id}")).exits(2).err.contains("--yes"));
    let revoked = desk.json(&format!("keys revoke {id} --yes"));
    assert!(revoked["revoked_at"].is_string() && revoked.get("key").is_none(), "{revoked}");
    let again = desk.json(&format!("keys revoke {} --yes", id.to_uppercase()));
    assert_eq!(again, revoked, "the first moment stays");
    assert_eq!(desk.run("keys list").done().out.lines().count(), 2);
}

#[test]
fn a_key_needs_a_scope_and_an_id_that_is_known() {
    let desk = Desk::seeded();
    for line in ["keys create till", "keys create till --scope all", "keys revoke nonsensical"] {
        desk.run(line).exits(2);
    }
    desk.run("keys create till --scope read --scope read").exits(2);
    desk.run("keys revoke 0a1b2c3d --yes").exits(3);
    assert_eq!(desk.json("keys list"), json!({"data": [], "next": null}));
}
