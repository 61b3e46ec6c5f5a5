#include "libha/wire/codec.hpp"
