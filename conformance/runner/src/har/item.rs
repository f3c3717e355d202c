//! The exchanges of a case, and which exchanges of a recording may be attempts at them.

use super::bind::Placed;
use super::gaps::may_hide_a_refusal;
use super::like::Like;
use super::point::is_of_renewals;
use super::signature::Signature;
use super::stream::{Kind, Seen, Stream};
use crate::case::{Case, Exchange, Placement, Step, Suite};
use tegata_suite::Server;

/// One exchange of a case, with its fixture.
pub(super) struct Item<'a> {
    pub(super) step: usize,
    pub(super) exchange: &'a Exchange,
    pub(super) placed: Placed<'a>,
    kind: Kind,
    /// Whether the fixture's answer is the one that goes as documented.
    plain: bool,
    /// The status of the fixture's answer.
    status: u16,
    /// Which of the stream's token requests are attempts at this one, by signature.
    fits: Vec<bool>,
    /// Which of the stream's answers are like the fixture's.
    alike: Vec<bool>,
    /// Which of them make the same point.
    to_the_point: Vec<bool>,
}

/// The exchanges of a case in order.
pub(super) fn items<'a>(
    suite: &'a Suite,
    case: &'a Case,
    stream: &Stream,
    known: &[Signature],
) -> Option<Vec<Item<'a>>> {
    let mut items = Vec::new();
    let values = crate::case::case_values(suite, case);
    for (index, step) in case.step.iter().enumerate() {
        for (exchange, is_url) in exchanges(step) {
            let (file, answer) = suite.fixtures.get(&exchange.respond)?;
            let reference = file.recorded(&values, &exchange.with).ok()?;
            let path = reference.path();
            let server = Server::of(case.provider, path);
            let kind = match server {
                server if server.has_login() && is_url || server.is_login(path) => Kind::Login,
                server if server.issues_tokens() => Kind::Token,
                _ => Kind::Call,
            };
            let plain = exchange.respond.split('.').nth(1) == Some("ok");
            let own = Signature::of(&reference);
            let fits = |sent: &Signature| sent.fits(&own, known);
            let fixture = Like::of(answer.status, answer.body.as_bytes());
            // An answer that differs from the documented one in nothing else is about this.
            let usual = file.answer.get("ok");
            let usual = usual.map(|usual| Like::of(usual.status, usual.body.as_bytes()));
            let by_type =
                usual.is_some_and(|usual| usual.same(&fixture) && !usual.same_token_type(&fixture));
            let same_type = |seen: &Like| !by_type || fixture.same_token_type(seen);
            let refusal = |seen: &Like| fixture.same_refusal(seen, kind == Kind::Call);
            // One that goes as documented, and a refusal, may hold more or less than the fixture;
            // any other one that is the point of a case must be just like it.
            // What the first renewal brings is what the next one sends.
            let is_sent_next = is_of_renewals(case) && !items.iter().any(Item::is_token);
            let same_renewal = |seen: &Like| !is_sent_next || fixture.same_renewal(seen);
            let alike = |seen: &Like| {
                let documented = plain && same_renewal(seen);
                fixture.same_kind(seen) && (documented || fixture.same(seen) && same_type(seen))
                    || plain && kind == Kind::Call && seen.is_done()
                    || !plain && refusal(seen)
            };
            let to_the_point =
                |seen: &Like| plain || fixture.same_point(seen) && same_type(seen) || refusal(seen);
            items.push(Item {
                step: index,
                exchange,
                placed: Placed {
                    file,
                    answer,
                    with: &exchange.with,
                },
                kind,
                plain,
                status: answer.status,
                fits: match kind {
                    Kind::Token => stream.signatures.iter().map(fits).collect(),
                    Kind::Login | Kind::Call | Kind::Page => Vec::new(),
                },
                alike: stream.likes.iter().map(alike).collect(),
                to_the_point: stream.likes.iter().map(to_the_point).collect(),
            });
        }
    }
    Some(items)
}

fn exchanges(step: &Step) -> impl Iterator<Item = (&Exchange, bool)> {
    let url = step.url.iter().map(|url| (url.as_ref(), true));
    url.chain(step.exchange.iter().map(|exchange| (exchange, false)))
}

impl Item<'_> {
    pub(super) fn is_call(&self) -> bool {
        self.kind == Kind::Call
    }

    pub(super) fn is_token(&self) -> bool {
        self.kind == Kind::Token
    }

    pub(super) fn is_login(&self) -> bool {
        self.kind == Kind::Login
    }

    /// Whether the fixture's answer is a redirect.
    pub(super) fn is_redirect(&self) -> bool {
        (300..400).contains(&self.status)
    }

    /// Whether the fixture's answer is the one that goes as documented.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Whether a sent request is an attempt at this one: it may be wrong in everything that a case checks.
    pub(super) fn fits(&self, case: &Case, stream: &Stream, at: usize) -> bool {
        let seen = &stream.seen[at];
        if self.kind != seen.kind {
            return false;
        }
        match self.kind {
            Kind::Login => true,
            Kind::Page => false,
            Kind::Call => {
                let query = case.given.placement == Placement::Query;
                seen.modes.contains(&case.given.auth)
                    && (seen.in_query == query || seen.in_query && seen.has_authorization)
            }
            Kind::Token => self.fits.get(seen.signature).is_some_and(|fits| *fits),
        }
    }

    /// Whether the answer that is the point of the case may have been given here: the recording does not hold it.
    pub(super) fn may_be_hidden(&self, case: &Case, stream: &Stream, at: usize) -> bool {
        let seen = &stream.seen[at];
        let may_hide = match seen.kind {
            Kind::Call => stream.maybe_refused.contains(&at),
            _ => may_hide_a_refusal(seen),
        };
        may_hide
            && !self.plain
            && self.has_like_status(&stream.seen[at])
            && self.fits(case, stream, at)
    }

    /// Whether the status is the fixture's, where 200 and 201 mean the same.
    fn has_like_status(&self, seen: &Seen) -> bool {
        let good = |status: u16| (200..300).contains(&status);
        // Of an answer that is not there at all, the status is unknown too.
        seen.answer.as_ref().is_none_or(|answer| {
            answer.status == self.status || good(answer.status) && good(self.status)
        })
    }

    /// Whether the answer is like the fixture's.
    pub(super) fn answered_alike(&self, stream: &Stream, at: usize) -> bool {
        // What is not in the recording went as documented, as far as its status says.
        if stream.seen[at].left_out.answer_body && !self.is_login() {
            return self.plain && self.has_like_status(&stream.seen[at]);
        }
        let alike = |like: usize| self.alike.get(like).is_some_and(|alike| *alike);
        self.is_login() || stream.seen[at].like.is_some_and(alike)
    }

    /// Whether the answer makes the point of a case that ends with it.
    pub(super) fn answered_to_the_point(&self, stream: &Stream, at: usize) -> bool {
        let same = |like: usize| self.to_the_point.get(like).is_some_and(|same| *same);
        self.plain || self.is_login() || stream.seen[at].like.is_some_and(same)
    }
}
