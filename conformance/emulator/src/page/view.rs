//! The page as a whole.

use std::time::{Duration, SystemTime};

use maud::{DOCTYPE, Markup, html};

use super::controls::controls;
use super::requests::requests;
use super::served::served;
use crate::Provider;
use crate::config::ClockMode;
use crate::world::World;

/// The last second of the year 9999, after which no date has a form.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_799);

pub(super) fn page(world: &World) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "Emulator at " (world.base_url()) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="/__page/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/__page/style.css";
                script defer src="/__page/script.js" {}
            }
            body {
                a.skip href="#controls" { "To the controls" }
                header {
                    p.brand { "tegata-emulator " (env!("CARGO_PKG_VERSION")) }
                    h1 { (world.base_url()) }
                    p.clock data-live="clock" { (clock(world)) }
                    p #state role="status" {}
                    noscript {
                        p.hint {
                            "Without scripts this is a summary as of now: load it again for a newer one. "
                            "The controls are below, as a program asks for them."
                        }
                    }
                }
                main {
                    (served(world))
                    (requests(world))
                    (controls(&world.providers().map(Provider::name).collect::<Vec<_>>()))
                }
                footer {
                    p.hint {
                        "A test tool on loopback: give it no real secret. Programs find the base URLs at "
                        code { "/" } " as JSON, and every request with its credentials at "
                        code { "/__control/log" } "."
                    }
                }
            }
        }
    }
}

fn clock(world: &World) -> Markup {
    let wall = world.wall();
    let date = match wall.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) if since <= LAST_DATE => httpdate::fmt_http_date(wall),
        _ => "after the year 9999".to_owned(),
    };
    let ahead = wall.duration_since(SystemTime::now()).unwrap_or_default();
    let ahead = (ahead + Duration::from_millis(500)).as_secs();
    html! {
        "Its clock: " b { (date) }
        @if ahead > 0 { ", " b { (ahead) " s" } " ahead of this machine's" }
        @if world.config().emulator.clock == ClockMode::Frozen { ", moved by controls alone" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    #[test]
    fn a_clock_at_the_end_of_time_is_shown() {
        let world = World::new(Config::default(), "http://127.0.0.1:1".to_owned()).unwrap();
        world.advance(Duration::MAX);
        assert!(clock(&world).into_string().contains("after the year 9999"));
    }

    #[test]
    fn the_page_escapes_what_the_configuration_holds() {
        let mut config = Config::default();
        config.marketo.clients[0].id = "<script>\"&".to_owned();
        let world = World::new(config, "http://127.0.0.1:1".to_owned()).unwrap();
        let page = page(&world).into_string();
        assert!(page.contains("&lt;script&gt;&quot;&amp;"), "{page}");
    }

    #[test]
    fn the_page_holds_no_credential_before_it_is_asked_for() {
        let world = World::new(Config::default(), "http://127.0.0.1:1".to_owned()).unwrap();
        let page = page(&world).into_string();
        assert!(
            !page.contains("CANARY") && !page.contains("hogehoge"),
            "{page}"
        );
    }
}
