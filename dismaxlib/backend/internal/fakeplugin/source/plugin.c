// A PJRT plugin for tests: it makes a client without devices, says the platform PLATFORM, and computes nothing.
#include <stddef.h>
#include <string.h>

#ifndef MINOR
#define MINOR 81
#endif
#ifndef PLATFORM
#define PLATFORM "cpu"
#endif

// Arguments of the functions below, as far as they are the same: pjrt_c_api.h.
struct arguments {
	size_t size;
	void *extension, *object;
	const char *text;
	size_t length;
};

static void *nothing(struct arguments *a) { return NULL; }

static void *say(struct arguments *a, const char *text) {
	a->text = text;
	a->length = strlen(text);
	return NULL;
}

static void *platform(struct arguments *a) { return say(a, PLATFORM); }
#ifdef NO_OPTIONS
static void *message(struct arguments *a) { return say(a, "Unexpected option name passed to PJRT_Client_Create: preallocate"); }
#else
static void *message(struct arguments *a) { return say(a, "no driver here\nand a second line"); }
#endif

static void *create(struct arguments *a) {
#if defined(NO_DEVICE)
	return "an error";
#elif defined(NO_OPTIONS)
	return a->text ? "an error" : NULL; // where the number of options is
#else
	return NULL;
#endif
}

static struct {
	size_t size;
	void *extension;
	size_t version_size;
	void *version_extension;
	int major, minor;
	void *(*functions[200])(struct arguments *);
} api = {sizeof api, NULL, 24, NULL, 0, MINOR};

#ifndef NO_ENTRY
const void *GetPjrtApi(void) {
#ifdef NO_TABLE
	return NULL;
#endif
	for (int i = 0; i < 200; i++)
		api.functions[i] = nothing;
	api.functions[1] = message; // PJRT_Error_Message
	api.functions[10] = create; // PJRT_Client_Create
	api.functions[12] = platform; // PJRT_Client_PlatformName
	api.functions[14] = platform; // PJRT_Client_PlatformVersion
	return &api;
}
#endif
