use ::tegata::multipart::Form;
use super::client::types;
