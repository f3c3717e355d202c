//! The bugs that can be switched on, one at a time.

use crate::providers::{FUJITSU_AISPF, JOOTO, MARKETO};

macro_rules! bugs {
    ($($(#[doc = $text:literal])+ $name:ident,)+) => {
        /// One bug. Each is a mistake that a hasty reader of the documents makes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Bug {
            $($(#[doc = $text])+ $name,)+
        }

        impl Bug {
            /// Every bug.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

bugs! {
    // Where the credential goes.
    /// AISPF: the token goes behind `Authorization: Bearer`, not into `X-Access-Token`.
    BearerAtAispf,
    /// AISPF: the token goes into `X-Api-Key` as well.
    BothAispfHeaders,
    /// The API key goes into `X-API-Token`.
    WrongKeyHeader,
    /// The token after `Bearer` is in quotation marks.
    QuotedBearer,
    /// The token goes into the query instead of the header.
    TokenInQuery,
    /// The token goes into the query as well as the header, or the other way round.
    TokenInQueryToo,
    /// The credential goes into `X-Auth-Token` as well.
    CopyInOtherHeader,

    // The token request.
    /// `grant_type` is left out.
    NoGrantType,
    /// `grant_type` is `password`.
    WrongGrantType,
    /// `grant_type` comes twice.
    GrantTypeTwice,
    /// What belongs into the body goes into the query.
    BodyInQuery,
    /// What belongs into the query goes into the body.
    QueryInBody,
    /// A form is sent as JSON.
    JsonForForm,
    /// JSON is sent as a form.
    FormForJson,
    /// The client secret is left out.
    NoSecret,
    /// Id and secret go both under Basic and into the form.
    BasicAndForm,
    /// Id and secret follow `Basic` without encoding.
    NoBase64,
    /// Queries and forms are put together without encoding.
    Unencoded,
    /// A token is asked for by the wrong method.
    WrongMethod,
    /// AISPF: OAuth 2.0 is spoken at `/v1/tokens`.
    OldPath,
    /// Marketo: the partner id is left out.
    NoPartnerId,
    /// Marketo: the base URL is put before the path as it is, whatever it ends in.
    UrlsAsTheyAre,

    // The authorization code.
    /// `redirect_uri` is left out of the exchange.
    NoRedirectUri,
    /// `redirect_uri` is sent with a refresh.
    RedirectUriOnRefresh,
    /// The `redirect_uri` of the exchange is decoded first.
    RedirectUriDecoded,
    /// The authorization URL has no `state`.
    NoState,
    /// Every authorization URL has the same `state`.
    FixedState,
    /// The `state` of a callback is not looked at.
    StateUnchecked,
    /// The `state` of a callback is compared as far as the shorter of the two goes.
    StateByPrefix,
    /// Of a parameter that a callback holds twice, the last one counts.
    LastOneCounts,
    /// The `state` of a callback may go on after the one that was sent.
    StateWithTail,
    /// The authorization URL has no `organization_id`.
    NoOrganization,
    /// The organization's whole URL is sent in place of its id.
    OrganizationAsGiven,
    /// The authorization URL asks for `response_type=token`.
    WrongResponseType,
    /// The `error` of a callback is not looked at.
    ErrorIgnored,
    /// The `error` of a callback is believed before its `state` is checked.
    ErrorBeforeState,
    /// A callback with an unknown member is refused.
    StrictCallback,
    /// A callback without a code is taken for one with an empty code.
    EmptyCode,

    // The answer of the token endpoint.
    /// An answer with an unknown member is refused.
    StrictAnswer,
    /// The token type must be `Bearer`, in this case.
    TokenTypeByCase,
    /// The token type is not looked at.
    TokenTypeIgnored,
    /// An answer without a token is taken for one with an empty token.
    EmptyToken,
    /// If no token is issued, the call is made without one nevertheless.
    CallsAnyway,
    /// A refused secret, code or refresh token is tried again.
    RefusalTriedAgain,
    /// A token endpoint that is away for the moment is taken for a refusal.
    AwayIsRefused,
    /// A refused code or refresh token is taken for a refused client.
    GrantIsClient,

    // Lifetimes.
    /// `expires_in` is not looked at: every token lives an hour.
    FixedHour,
    /// A token that comes again is given a new hour.
    SameTokenNewHour,
    /// A token without `expires_in` lives for ever.
    NoLifetimeIsForEver,
    /// `expires_in` must be there.
    LifetimeDemanded,
    /// A token is used for as long as it is not refused.
    NeverRenews,
    /// A token is renewed before every call.
    RenewsAtEveryCall,
    /// An API key is taken to last an hour; a token is asked for then.
    KeyRunsOut,

    // Refresh tokens.
    /// The refresh token is dropped when no new one comes.
    DropsRefreshToken,
    /// The refresh token is kept when a new one comes.
    KeepsRefreshToken,
    /// AISPF: id and secret are sent along with the refresh token.
    PatchWithSecret,
    /// AISPF: the refresh token is used after the access token has expired.
    PatchAfterExpiry,
    /// AISPF: a refused refresh token is the end.
    NoWayBackToPost,

    // Refused tokens.
    /// The call is sent once more with the old token.
    OldTokenAgain,
    /// A refused token is renewed over and over.
    NeverGivesUp,
    /// A refused token is not renewed.
    NeverTriesAgain,
    /// Marketo: 602 is not known.
    Only601,
    /// Marketo: 601 is not known.
    Only602,
    /// Marketo: 603 is taken for a refusal.
    RenewsOn603,
    /// Marketo: a code is known as a text only.
    CodesAreTexts,
    /// Marketo: codes are looked for everywhere in the answer.
    CodesAnywhere,
    /// Marketo: `success: false` anywhere in the answer is taken for a refusal.
    NestedFailure,
    /// Marketo: the presence of `errors` is taken for a refusal.
    EmptyErrors,
    /// 403 is taken for a refusal of the credential.
    RenewsOn403,
    /// 429 is taken for a refusal of the credential.
    RenewsOn429,
    /// The body is not sent the second time.
    BodyLost,
    /// A body that is spent is sent again as an empty one.
    SpentBodyAgain,

    // Keys.
    /// AISPF: the second key is not used.
    NoSecondKey,
    /// AISPF: every call begins with the first key.
    SecondKeyForgotten,
    /// AISPF: the second key is tried after 403 as well.
    SecondKeyOn403,

    // Secrets and origins.
    /// A redirect is followed, credential and all.
    FollowsRedirects,
    /// A call to any origin is given the credential.
    AnyOrigin,
    /// The tokens of all accounts are kept in one place.
    MixedAccounts,
    /// The client's `Debug` shows its secrets.
    ShowsSecrets,
    /// An error shows the body of the answer that led to it.
    ShowsBody,
    /// An error shows the URL of the request that led to it.
    ShowsUrl,
    /// Of a large answer the caller gets the beginning only.
    CutsBody,
}

impl Bug {
    /// The name of the provider whose client alone has the bug; none if all three have it.
    pub fn provider(self) -> Option<&'static str> {
        match self {
            Self::BearerAtAispf
            | Self::BothAispfHeaders
            | Self::FormForJson
            | Self::NoBase64
            | Self::OldPath
            | Self::KeyRunsOut
            | Self::PatchWithSecret
            | Self::PatchAfterExpiry
            | Self::NoWayBackToPost
            | Self::NoSecondKey
            | Self::SecondKeyForgotten
            | Self::SecondKeyOn403 => Some(FUJITSU_AISPF),
            Self::NoRedirectUri
            | Self::RedirectUriOnRefresh
            | Self::RedirectUriDecoded
            | Self::NoState
            | Self::FixedState
            | Self::StateUnchecked
            | Self::StateByPrefix
            | Self::StateWithTail
            | Self::NoOrganization
            | Self::OrganizationAsGiven
            | Self::WrongResponseType
            | Self::ErrorIgnored
            | Self::ErrorBeforeState
            | Self::StrictCallback
            | Self::LastOneCounts
            | Self::EmptyCode => Some(JOOTO),
            Self::QueryInBody
            | Self::NoPartnerId
            | Self::UrlsAsTheyAre
            | Self::SameTokenNewHour
            | Self::Only601
            | Self::Only602
            | Self::RenewsOn603
            | Self::CodesAreTexts
            | Self::CodesAnywhere
            | Self::NestedFailure
            | Self::EmptyErrors
            | Self::MixedAccounts
            | Self::ShowsUrl
            | Self::CutsBody => Some(MARKETO),
            _ => None,
        }
    }
}
