use ::tegata::provider::spec::{Operation, Placement, Provider, Refusal, Scheme};
/// The URLs of the servers, as the document has them: that of `Operations` first.
pub const SERVERS: &[&str] = &[
    "https://api.example.com",
    "https://upload.example.com/v1",
];
/// `token`: http bearer
pub const TOKEN: Scheme = Scheme {
    name: "token",
    placement: Placement::Bearer,
};
/// `token2`: apiKey in header `X-Order-Key`
pub const TOKEN2: Scheme = Scheme {
    name: "token2",
    placement: Placement::Header("x-order-key"),
};
/// `basic`: http basic
pub const BASIC: Scheme = Scheme {
    name: "basic",
    placement: Placement::Basic,
};
/// `uploadKey`: apiKey in query `key`
pub const UPLOAD_KEY: Scheme = Scheme {
    name: "uploadKey",
    placement: Placement::Query("key"),
};
/// The schemes and operations of the document, and how a credential is refused.
pub const PROVIDER: Provider = Provider {
    name: "Shop",
    schemes: &[TOKEN, TOKEN2, BASIC, UPLOAD_KEY],
    default_security: &[TOKEN],
    operations: &[
        Operation {
            id: "list_cards",
            method: "GET",
            path: "/cards/v1/cards",
            security: &[TOKEN],
            token: None,
        },
        Operation {
            id: "order_card",
            method: "POST",
            path: "/cards/v1/cards/{id}/order",
            security: &[TOKEN],
            token: None,
        },
        Operation {
            id: "health",
            method: "GET",
            path: "/cards/v1/health",
            security: &[],
            token: None,
        },
        Operation {
            id: "list_orders",
            method: "GET",
            path: "/orders/orders",
            security: &[TOKEN2],
            token: None,
        },
        Operation {
            id: "create_order",
            method: "POST",
            path: "/orders/orders",
            security: &[BASIC],
            token: None,
        },
        Operation {
            id: "list_cards2",
            method: "GET",
            path: "/cards",
            security: &[UPLOAD_KEY],
            token: None,
        },
        Operation {
            id: "upload_cards",
            method: "POST",
            path: "/cards",
            security: &[UPLOAD_KEY],
            token: None,
        },
        Operation {
            id: "get_pet",
            method: "GET",
            path: "/pets",
            security: &[UPLOAD_KEY],
            token: None,
        },
    ],
    refusal: Refusal {
        statuses: &[401u16],
        body_codes: &[],
        transient_codes: &[],
        denied_codes: &[],
    },
};
