//! Error answers of servers.

use redis::RedisError;

use super::Failure;

/// Error codes of a server that is temporarily unable to work.
const NOT_READY: [&str; 7] = [
    "BUSY",
    "CLUSTERDOWN",
    "LOADING",
    "MISCONF",
    "NOREPLICAS",
    "OOM",
    "TRYAGAIN",
];

/// Error codes of commands inside a script.
const IN_SCRIPTS: [&str; 10] = [
    "BUSY",
    "CLUSTERDOWN",
    "LOADING",
    "MASTERDOWN",
    "MISCONF",
    "NOPERM",
    "NOREPLICAS",
    "OOM",
    "READONLY",
    "TRYAGAIN",
];

/// The commands that this store sends, or that its scripts call.
const COMMANDS: [&str; 10] = [
    "AUTH", "DEL", "EVAL", "GET", "HELLO", "INCR", "PEXPIRE", "PTTL", "SELECT", "SET",
];

const CLUSTER: &str = "the server is one of a cluster, and the key belongs to another: connect through a \
                       proxy that knows the cluster";

impl Failure {
    pub(super) fn of_answer(error: &RedisError) -> Self {
        let (code, detail) = (
            error.code().unwrap_or_default(),
            error.detail().unwrap_or_default(),
        );
        let code = within_script(code, detail).unwrap_or(code);
        if NOT_READY.contains(&code) {
            return Self::away(format!("the server is not ready ({code})"));
        }
        match code {
            "READONLY" => Self::away(
                "the server is a replica, which takes no writes (READONLY): connect to the primary",
            ),
            "MASTERDOWN" => Self::away("the cluster or its primary is down"),
            "WRONGTYPE" => Self::here(
                "there is another kind of value than this store keeps; it was left alone: move it away \
                 (`RENAME`), or give this store another namespace",
            ),
            "MOVED" | "ASK" | "CROSSSLOT" => Self::here(CLUSTER),
            "NOAUTH" => Self::refused(
                "the server asks for a password: put it into the URL, redis://user:password@host",
            ),
            "DENIED" => Self::refused(
                "the server takes connections from its own machine only (its `protected-mode`): give it a \
                 password and put that into the URL",
            ),
            "WRONGPASS" => Self::of_password(),
            "NOPERM" => Self::of_rights(detail),
            "ERR" => Self::of_words(detail),
            _ if is_code(code) => Self::here(format!("the server answered with the error {code}")),
            _ => Self::here("the server answered with an error"),
        }
    }

    pub(super) fn of_password() -> Self {
        Self::refused("the server refused the user name or password: correct it in the URL")
    }

    fn of_rights(detail: &str) -> Self {
        const RIGHTS: &str = "its user needs +eval +get +set +del +incr +pexpire +pttl, and the keys of this \
                              store's namespace (`~tegata:*` by default)";
        if detail.contains("access") && detail.contains("key") {
            return Self::refused(format!(
                "the user of the URL may not use the keys of this store: {RIGHTS}"
            ));
        }
        match COMMANDS.iter().find(|name| quotes(detail, name)) {
            Some(&"SELECT") => Self::refused(
                "the user of the URL may not choose a database (SELECT): give it the right +select, or \
                 leave the database number out of the URL",
            ),
            Some(name) => {
                Self::refused(format!("the user of the URL may not run {name}: {RIGHTS}"))
            }
            None => Self::refused(format!("the user of the URL may not do that: {RIGHTS}")),
        }
    }

    /// Servers have no code for these.
    fn of_words(detail: &str) -> Self {
        let says = |words: &str| detail.contains(words);
        if says("max number of clients") {
            return Self::away("the server has as many clients as it takes (its `maxclients`)");
        }
        if says("ACL failure in script") || says("The user executing the script can't") {
            return Self::of_rights(detail);
        }
        if says("has no permissions to") || says("No permissions to") {
            return Self::of_rights(detail);
        }
        if detail.starts_with("unknown command") {
            let name = COMMANDS.iter().find(|name| quotes(detail, name));
            let name = name.map_or("a command that this store needs", |name| name);
            return Self::refused(format!(
                "the server does not know {name}: it was renamed or switched off there \
                 (`rename-command`), or a proxy does not pass it on; this store cannot do without"
            ));
        }
        if says("nknown") && says("command called from") {
            return Self::refused(
                "the server does not know a command that this store needs: GET, SET, DEL, INCR, PEXPIRE or \
                 PTTL was renamed or switched off there (`rename-command`)",
            );
        }
        if says("DB index is out of range") || says("invalid DB index") {
            return Self::refused(
                "the server has no database of that number: correct it at the end of the URL \
                 (redis://host/0), or raise `databases` at the server",
            );
        }
        if says("SELECT is not allowed in cluster mode") {
            return Self::refused(
                "the server is one of a cluster, which has database 0 only: leave the database number out \
                 of the URL",
            );
        }
        if says("non local key in a cluster") {
            return Self::here(CLUSTER);
        }
        if says("without any password configured") || says("no password is set") {
            return Self::refused(
                "the server asks for no password, and the URL has one: leave it out, or check that host \
                 and port are the right ones",
            );
        }
        if says("invalid password") {
            return Self::of_password();
        }
        Self::here("the server answered with the error ERR")
    }
}

/// Servers before Redis 7 hide the code in the error of the script:
/// `ERR Error running script (call to f_…): @user_script:1: @user_script: 1: -READONLY You can't …`.
fn within_script(code: &str, detail: &str) -> Option<&'static str> {
    if code != "ERR" || !detail.starts_with("Error running script") {
        return None;
    }
    // On some servers it is the error of `redis.call`, on others one of the interpreter.
    if detail.contains(": WRONGTYPE ") || detail.contains(": -WRONGTYPE ") {
        return Some("WRONGTYPE");
    }
    let (_, said) = detail.rsplit_once(": -")?;
    let word = said.split(' ').next()?;
    IN_SCRIPTS.into_iter().find(|known| *known == word)
}

/// Whether the text quotes this command. Servers use different quotation marks.
fn quotes(detail: &str, command: &str) -> bool {
    // Arguments with any content may follow.
    let text = detail.split("with args").next().unwrap_or_default();
    let text = text.to_ascii_uppercase();
    ['\'', '`']
        .iter()
        .any(|mark| text.contains(&format!("{mark}{command}{mark}")))
}

/// A text of the server in its place is not printed.
fn is_code(code: &str) -> bool {
    (1..=20).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn of(answer: &str) -> Failure {
        let value = redis::parse_redis_value(format!("-{answer}\r\n").as_bytes());
        let error = value.and_then(redis::Value::extract_error);
        Failure::from(error.expect_err("an error"))
    }

    /// In a script, as Redis 6.2 says it.
    const IN_6: &str =
        "ERR Error running script (call to f_1f8f): @user_script:1: @user_script: 1: ";

    #[rstest]
    #[case("WRONGTYPE Operation against a key", false, "another kind of value")]
    #[case("LOADING Redis is loading", true, "LOADING")]
    #[case(
        "BUSY Valkey is busy running a script. You can only call SCRIPT KILL",
        true,
        "BUSY"
    )]
    #[case("OOM command not allowed", true, "not ready (OOM)")]
    #[case("MISCONF Redis is configured to save", true, "MISCONF")]
    #[case("NOREPLICAS Not enough good replicas", true, "NOREPLICAS")]
    #[case(
        "READONLY You can't write",
        true,
        "a replica, which takes no writes (READONLY): connect to the primary"
    )]
    #[case("MASTERDOWN Link with MASTER is down", true, "is down")]
    #[case("CLUSTERDOWN Hash slot not served", true, "is down")]
    #[case("MOVED 3999 127.0.0.1:6381", false, "proxy")]
    #[case(
        "ERR Script attempted to access a non local key in a cluster node",
        false,
        "proxy"
    )]
    #[case("NOAUTH Authentication required.", false, "asks for a password")]
    #[case("WRONGPASS invalid", false, "refused the user name or password")]
    #[case("ERR invalid password", false, "refused the user name or password")]
    #[case(
        "ERR AUTH <password> called without any password configured for the default user.",
        false,
        "asks for no password"
    )]
    #[case(
        "ERR Client sent AUTH, but no password is set",
        false,
        "asks for no password"
    )]
    #[case(
        "DENIED Redis is running in protected mode because",
        false,
        "protected-mode"
    )]
    #[case("ERR max number of clients reached", true, "as many clients")]
    #[case("ERR DB index is out of range", false, "no database of that number")]
    #[case(
        "ERR SELECT is not allowed in cluster mode",
        false,
        "leave the database number"
    )]
    #[case(
        "ERR unknown command 'EVAL', with args beginning with: 'CANARY' ",
        false,
        "does not know EVAL"
    )]
    #[case(
        "ERR unknown command `EVAL`, with args beginning with: `CANARY`, ",
        false,
        "does not know EVAL"
    )]
    #[case(
        "ERR unknown command 'CANARY', with args beginning with: 'SET' ",
        false,
        "does not know a command"
    )]
    #[case(
        "ERR Unknown Redis command called from script script: 985c, on @user_script:1.",
        false,
        "SET, DEL"
    )]
    #[case(
        "ERR Unknown command called from script script: on @user_script:1.",
        false,
        "SET, DEL"
    )]
    #[case("ERR something CANARY", false, "the error ERR")]
    #[case("CANARY-x said", false, "answered with an error")]
    fn error_answers_are_distinguished_and_not_repeated(
        #[case] answer: &str,
        #[case] away: bool,
        #[case] text: &str,
    ) {
        let failure = of(answer);
        assert_eq!(failure.away, away, "{failure:?}");
        assert!(failure.text.contains(text), "{failure:?}");
        assert!(!failure.text.contains("CANARY"), "{failure:?}");
    }

    #[rstest]
    #[case("-READONLY You can't write against a read only replica.")]
    #[case("-OOM command not allowed when used memory > 'maxmemory'.")]
    #[case("-NOREPLICAS Not enough good replicas to write.")]
    #[case("-MISCONF Redis is configured to save RDB snapshots, but it is currently not")]
    #[case("-LOADING Redis is loading the dataset in memory")]
    #[case("-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")]
    #[case("-NOPERM this user has no permissions to run the 'set' command")]
    #[case("WRONGTYPE Operation against a key holding the wrong kind of value")]
    #[case("-WRONGTYPE Operation against a key holding the wrong kind of value")]
    fn an_error_within_a_script_is_the_same_before_redis_7(#[case] said: &str) {
        let (before, since) = (
            of(&format!("{IN_6}{said}")),
            of(said.trim_start_matches('-')),
        );
        assert_eq!(
            (&before.text, before.away, before.connection),
            (&since.text, since.away, since.connection)
        );
    }

    #[test]
    fn an_unknown_error_within_a_script_is_not_repeated() {
        let failure = of(&format!("{IN_6}-CANARY said"));
        assert_eq!(failure.text, "the server answered with the error ERR");
    }

    #[rstest]
    #[case(
        "NOPERM this user has no permissions to run the 'eval' command or its subcommand",
        "run EVAL"
    )]
    #[case(
        "NOPERM this user has no permissions to run the 'get' command",
        "run GET"
    )]
    #[case(
        "NOPERM User CANARY has no permissions to run the 'select' command",
        "+select"
    )]
    #[case(
        "NOPERM this user has no permissions to access one of the keys used as arguments",
        "may not use the keys"
    )]
    #[case("NOPERM No permissions to access a key", "may not use the keys")]
    #[case(
        "ERR ACL failure in script: User CANARY has no permissions to run the 'set' command script: on \
         @user_script:1.",
        "run SET"
    )]
    #[case(
        "ERR ACL failure in script: No permissions to access a key script: on @user_script:1.",
        "may not use the keys"
    )]
    #[case(
        "ERR The user executing the script can't run this command or subcommand script: 1f8f, on \
         @user_script:1.",
        "may not do that"
    )]
    #[case(
        "ERR Error running script (call to f_1f8f): @user_script:1: @user_script: 1: The user executing the \
         script can't run this command or subcommand",
        "may not do that"
    )]
    #[case(
        "ERR The user executing the script can't access at least one of the keys mentioned in the command \
         arguments",
        "may not use the keys"
    )]
    fn a_right_that_is_missing_is_named_with_the_command_if_known(
        #[case] answer: &str,
        #[case] text: &str,
    ) {
        let failure = of(answer);
        assert!(failure.text.contains(text), "{failure:?}");
        assert!(
            text == "+select"
                || failure
                    .text
                    .contains("+eval +get +set +del +incr +pexpire +pttl"),
            "{failure:?}"
        );
        assert!(!failure.away, "{failure:?}");
        assert!(!failure.text.contains("CANARY"), "{failure:?}");
    }
}
