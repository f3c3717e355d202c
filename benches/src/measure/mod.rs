//! How things are measured on a machine that others use too.

pub(crate) mod allocations;
pub(crate) mod cpu;
pub(crate) mod hot;
pub(crate) mod instructions;
pub(crate) mod numbers;
pub(crate) mod pairs;
